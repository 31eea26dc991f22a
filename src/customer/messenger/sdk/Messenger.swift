// The Messenger's SDK for apps of Apple's systems: hands over the tokens of the customer who uses the app.
// One file that needs Foundation only; its README says how to use it.

import Foundation

/// Why a call failed: a sentence, and what to do. No value of a token is in it.
public struct MessengerError: LocalizedError {
    /// A word that stays the same, such as `unknown_tokens`.
    public let code: String
    /// What happened, in a sentence.
    public let message: String
    /// What to do.
    public let nextStep: String
    /// The field that is at fault.
    public let field: String?
    /// The names that are no user token's.
    public let keys: [String]
    /// The names of the tokens that were stored all the same.
    public let stored: [String]
    /// The HTTP status; 0 when there was no answer.
    public let status: Int

    public var errorDescription: String? { return message }
    public var recoverySuggestion: String? { return nextStep }

    init(
        code: String, message: String, nextStep: String, field: String? = nil, keys: [String] = [], stored: [String] = [],
        status: Int = 0
    ) {
        self.code = code
        self.message = message
        self.nextStep = nextStep
        self.field = field
        self.keys = keys
        self.stored = stored
        self.status = status
    }
}

/// The Messenger. Calls are sent one after the other, on a queue of its own; one that fails holds up none after it. How a
/// call ended is told on the main queue. The session, and what opens another when the Messenger was restarted, are kept in
/// memory from login to logout; the value of a token only until its call is answered.
public final class Intercom {
    /// How a call ended.
    public typealias Completion = (Result<Void, Error>) -> Void

    private struct Customer {
        let session: String
        let identity: [String: Any]
    }

    private static let calls = DispatchQueue(label: "latchkey.messenger")
    // Used on the queue of the calls only.
    private static var base = ""
    private static var appId = ""
    private static var customer: Customer?
    private static var loginFailure: MessengerError?

    private static let network: URLSession = {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = 30
        configuration.timeoutIntervalForResource = 30
        configuration.connectionProxyDictionary = [:]
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        return URLSession(configuration: configuration, delegate: NoRedirects(), delegateQueue: nil)
    }()

    /// Says where the Messenger of the workspace is, such as `http://127.0.0.1:47900`, and its `app_id`. Values stay on this
    /// machine: calls to anything but a loopback address fail.
    public static func initialize(address: String, appId: String) {
        calls.async {
            self.base = address.hasSuffix("/") ? String(address.dropLast()) : address
            self.appId = appId
            self.customer = nil
            self.loginFailure = nil
        }
    }

    /// Whoever was logged in is logged out first, so that a token can't reach the wrong customer, not even when this fails.
    public static func loginIdentifiedUser(
        userId: String?, email: String? = nil, jwt: String? = nil, userHash: String? = nil, completion: Completion? = nil
    ) {
        call(completion) {
            let before = customer?.session
            customer = nil
            loginFailure = nil
            var identity: [String: Any] = ["app_id": appId, "client": "swift"]
            identity["user_id"] = userId
            identity["intercom_user_jwt"] = jwt
            identity["user_hash"] = userHash
            var body = identity
            body["email"] = email
            do {
                try send("boot", body, identity: identity, session: before)
            } catch let failure as MessengerError {
                loginFailure = failure
                throw failure
            }
        }
    }

    /// The next execution for this customer sends the new values; tokens that are not named stay.
    public static func setAuthTokens(_ tokens: [String: String], completion: Completion? = nil) {
        call(completion) {
            guard let known = customer else {
                let reason = loginFailure.map { " " + $0.message } ?? ""
                throw MessengerError(
                    code: "not_booted", message: "Nobody is logged in." + reason,
                    nextStep: loginFailure?.nextStep ?? "Call loginIdentifiedUser first.")
            }
            let body: [String: Any] = ["app_id": appId, "auth_tokens": tokens]
            if try unlessOver({ try send("auth_tokens", body, session: known.session) }) { return }
            try send("boot", known.identity, identity: known.identity)
            try send("auth_tokens", body, session: customer?.session)
        }
    }

    /// Ends the session; the stored tokens stay.
    public static func logout(completion: Completion? = nil) {
        call(completion) {
            let session = customer?.session
            customer = nil
            loginFailure = nil
            guard let ending = session else { return }
            _ = try unlessOver { try send("shutdown", ["app_id": appId], session: ending) }
        }
    }

    private static func call(_ completion: Completion?, _ act: @escaping () throws -> Void) {
        calls.async {
            let outcome = Result { try act() }
            guard let tell = completion else { return }
            DispatchQueue.main.async { tell(outcome) }
        }
    }

    /// Whether it was done; not when the session is over.
    private static func unlessOver(_ act: () throws -> Void) throws -> Bool {
        do {
            try act()
            return true
        } catch let failure as MessengerError where failure.code == "session_ended" || failure.code == "session_missing" {
            return false
        }
    }

    private static func send(
        _ path: String, _ body: [String: Any], identity: [String: Any]? = nil, session: String? = nil
    ) throws {
        let (status, answer) = try post(path, body, session)
        let opened = answer["session"] as? String
        let error = answer["error"] as? [String: Any]
        let code = error?["code"] as? String
        let isAnswer = answer["user_id"] is String && (status == 200 || code != nil)
        // Also beside the error that some of the tokens are unknown.
        if let identity = identity, let opened = opened, isAnswer {
            customer = Customer(session: opened, identity: identity)
        }
        if let error = error, let code = code {
            throw MessengerError(
                code: code,
                message: error["message"] as? String ?? "The Messenger refused the call.",
                nextStep: error["next_step"] as? String ?? "",
                field: error["field"] as? String,
                keys: error["keys"] as? [String] ?? [],
                stored: error["stored"] as? [String] ?? [],
                status: status)
        }
        if !isAnswer || (identity != nil && opened == nil) {
            throw MessengerError(
                code: "unexpected_answer", message: "\(base) is no Messenger.", nextStep: "Give its address to initialize.",
                status: status)
        }
    }

    private static func post(_ path: String, _ body: [String: Any], _ session: String?) throws -> (Int, [String: Any]) {
        guard isLoopback(base), let url = URL(string: base + "/v1/" + path) else {
            throw MessengerError(
                code: "address_missing", message: "The address of the Messenger is no loopback address.",
                nextStep: "Give one such as http://127.0.0.1:47900 to initialize.")
        }
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.httpBody = try JSONSerialization.data(withJSONObject: body)
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        if let session = session {
            request.setValue("Bearer " + session, forHTTPHeaderField: "Authorization")
        }
        let answered = DispatchSemaphore(value: 0)
        let received = Received()
        network.dataTask(with: request) { data, response, _ in
            received.data = data
            received.response = response as? HTTPURLResponse
            answered.signal()
        }.resume()
        answered.wait()
        guard let response = received.response else {
            throw MessengerError(
                code: "unreachable", message: "The Messenger at \(base) can't be reached.",
                nextStep: "See on Latchkey's Messenger page that it runs there; an app also needs NSAllowsLocalNetworking.")
        }
        let read = received.data.flatMap { try? JSONSerialization.jsonObject(with: $0) }
        return (response.statusCode, read as? [String: Any] ?? [:])
    }

    private static func isLoopback(_ address: String) -> Bool {
        let loopback = "^https?://(localhost|127(\\.[0-9]+){3}|\\[::1\\])(:[0-9]+)?$"
        return address.range(of: loopback, options: .regularExpression) != nil
    }
}

/// An answer, written before it is waited for and read after.
private final class Received: @unchecked Sendable {
    var data: Data?
    var response: HTTPURLResponse?
}

/// What is sent to the Messenger goes nowhere else.
private final class NoRedirects: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
