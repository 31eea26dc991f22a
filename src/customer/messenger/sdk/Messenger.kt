// The Messenger's SDK for Android and every other JVM: hands over the tokens of the customer who uses the app.
// One file without dependencies; its README says how to use it.

package latchkey

import java.io.ByteArrayOutputStream
import java.io.InputStream
import java.net.HttpURLConnection
import java.net.Proxy
import java.net.URI
import java.util.concurrent.Executor
import java.util.concurrent.Executors

/** A token by the name that it has in Latchkey. */
class AuthToken(val key: String, val value: String)

/** How a call went. It is told on the executor that was given to [Intercom.initialize]. */
interface IntercomStatusCallback {
    /** It was done. */
    fun onSuccess()

    /** It was not, or not wholly: [MessengerException.stored] are the tokens that were stored all the same. */
    fun onFailure(error: MessengerException)
}

/** Why a call failed: [message] in a sentence, and [nextStep]. No value of a token is in it. */
class MessengerException(
    /** A word that stays the same, such as `unknown_tokens`. */
    val code: String,
    message: String,
    /** What to do. */
    val nextStep: String,
    /** The field that is at fault. */
    val field: String? = null,
    /** The names that are no user token's. */
    val keys: List<String> = emptyList(),
    /** The names of the tokens that were stored. */
    val stored: List<String> = emptyList(),
    /** The HTTP status; 0 when there was no answer. */
    val status: Int = 0
) : Exception(message)

/**
 * The Messenger. Calls are sent one after the other, on a thread of its own; one that fails holds up none after it.
 * The session, and what opens another when the Messenger was restarted, are kept in memory from login to logout; the
 * value of a token only until its call is answered.
 */
class Intercom private constructor(private val base: String, private val appId: String, private val callbacks: Executor) {
    private class Customer(val session: String, val identity: Map<String, String?>)

    /** Used on the thread of the calls only. */
    private var customer: Customer? = null
    private var loginFailure: MessengerException? = null

    /** Whoever was logged in is logged out first, so that a token can't reach the wrong customer, not even when this fails. */
    @JvmOverloads
    fun loginIdentifiedUser(
        userId: String?,
        email: String? = null,
        jwt: String? = null,
        userHash: String? = null,
        callback: IntercomStatusCallback? = null
    ) = call(callback) {
        val before = customer?.session
        customer = null
        loginFailure = null
        val identity = mapOf(
            "app_id" to appId,
            "user_id" to userId,
            "intercom_user_jwt" to jwt,
            "user_hash" to userHash,
            "client" to "kotlin"
        )
        try {
            send("boot", identity + ("email" to email), identity, before)
        } catch (failure: MessengerException) {
            loginFailure = failure
            throw failure
        }
    }

    /** The next execution for this customer sends the new values; tokens that are not named stay. */
    @JvmOverloads
    fun setAuthTokens(tokens: Map<String, String>, callback: IntercomStatusCallback? = null) {
        val now = LinkedHashMap(tokens)
        call(callback) { sendInSession("auth_tokens", mapOf("app_id" to appId, "auth_tokens" to now)) }
    }

    /** The same from a list; of two with one key the last counts. */
    @JvmOverloads
    fun setAuthTokens(tokens: List<AuthToken>, callback: IntercomStatusCallback? = null) =
        setAuthTokens(tokens.associate { it.key to it.value }, callback)

    /** Ends the session; the stored tokens stay. */
    @JvmOverloads
    fun logout(callback: IntercomStatusCallback? = null) = call(callback) {
        val session = customer?.session
        customer = null
        loginFailure = null
        if (session != null) {
            unlessOver { send("shutdown", mapOf("app_id" to appId), null, session) }
        }
    }

    private fun call(callback: IntercomStatusCallback?, act: () -> Unit) = calls.execute {
        var failure: MessengerException? = null
        try {
            act()
        } catch (thrown: MessengerException) {
            failure = thrown
        }
        if (callback != null) {
            callbacks.execute { if (failure == null) callback.onSuccess() else callback.onFailure(failure) }
        }
    }

    private fun sendInSession(path: String, body: Map<String, Any?>) {
        val known = customer ?: throw MessengerException(
            "not_booted",
            "Nobody is logged in. ${loginFailure?.message ?: ""}".trim(),
            loginFailure?.nextStep ?: "Call loginIdentifiedUser first."
        )
        if (unlessOver { send(path, body, null, known.session) }) return
        send("boot", known.identity, known.identity, null)
        send(path, body, null, customer?.session)
    }

    /** Whether it was done; not when the session is over. */
    private fun unlessOver(act: () -> Unit): Boolean = try {
        act()
        true
    } catch (failure: MessengerException) {
        if (failure.code != "session_ended" && failure.code != "session_missing") throw failure
        false
    }

    private fun send(path: String, body: Map<String, Any?>, identity: Map<String, String?>?, session: String?) {
        val (status, answer) = post(path, body, session)
        val opened = answer["session"] as? String
        val error = answer["error"] as? Map<*, *>
        val code = error?.get("code") as? String
        val isAnswer = answer["user_id"] is String && (status == 200 || code != null)
        // Also beside the error that some of the tokens are unknown.
        if (identity != null && opened != null && isAnswer) customer = Customer(opened, identity)
        if (error != null && code != null) {
            throw MessengerException(
                code,
                error["message"] as? String ?: "The Messenger refused the call.",
                error["next_step"] as? String ?: "",
                error["field"] as? String,
                texts(error["keys"]),
                texts(error["stored"]),
                status
            )
        }
        if (!isAnswer || (identity != null && opened == null)) {
            throw MessengerException("unexpected_answer", "$base is no Messenger.", "Give its address to initialize.", status = status)
        }
    }

    private fun post(path: String, body: Map<String, Any?>, session: String?): Pair<Int, Map<*, *>> = try {
        val connection = URI("$base/v1/$path").toURL().openConnection(Proxy.NO_PROXY) as HttpURLConnection
        try {
            connection.requestMethod = "POST"
            connection.instanceFollowRedirects = false
            connection.useCaches = false
            connection.connectTimeout = 30_000
            connection.readTimeout = 30_000
            connection.doOutput = true
            connection.setRequestProperty("Content-Type", "application/json")
            if (session != null) connection.setRequestProperty("Authorization", "Bearer $session")
            connection.outputStream.use { it.write(written(body).toByteArray()) }
            val status = connection.responseCode
            val stream: InputStream? = if (status < 400) connection.inputStream else connection.errorStream
            Pair(status, read(stream?.use { atMost(it, LONGEST_ANSWER) } ?: ""))
        } finally {
            connection.disconnect()
        }
    } catch (failure: Exception) {
        // Not only an IOException: Android throws others at an app that may not use the network.
        throw MessengerException(
            "unreachable",
            "The Messenger at $base can't be reached.",
            "See on Latchkey's Messenger page that it runs there; a device needs `adb reverse`, and Android a permission for plain HTTP."
        )
    }

    companion object {
        private const val LONGEST_ANSWER = 1024 * 1024
        private val LOOPBACK = Regex("https?://(localhost|127(\\.\\d+){3}|\\[::1])(:\\d+)?")

        private val calls: Executor = Executors.newSingleThreadExecutor { task ->
            Thread(task, "latchkey-messenger").apply { isDaemon = true }
        }

        @Volatile
        private var made: Intercom? = null

        /**
         * Says where the Messenger of the workspace is, such as `http://127.0.0.1:47900`, and its `app_id`. Values stay on this
         * machine: the address has to be a loopback address. Without [callbacks] a callback is called on the thread of the
         * calls; in an Android app give `ContextCompat.getMainExecutor(this)`.
         */
        @JvmStatic
        @JvmOverloads
        fun initialize(address: String, appId: String, callbacks: Executor = Executor { it.run() }) {
            val base = address.trimEnd('/')
            require(LOOPBACK.matches(base)) { "$address is no loopback address, such as http://127.0.0.1:47900." }
            made = Intercom(base, appId, callbacks)
        }

        /** The Messenger of [initialize]. */
        @JvmStatic
        fun client(): Intercom = checkNotNull(made) { "Call Intercom.initialize first." }

        private fun texts(value: Any?): List<String> = (value as? List<*>)?.filterIsInstance<String>() ?: emptyList()

        private fun atMost(stream: InputStream, most: Int): String {
            val bytes = ByteArrayOutputStream()
            val some = ByteArray(8192)
            while (bytes.size() < most) {
                val count = stream.read(some)
                if (count < 0) break
                bytes.write(some, 0, count)
            }
            return String(bytes.toByteArray(), Charsets.UTF_8)
        }

        private fun read(text: String): Map<*, *> = try {
            Json(text).whole() as? Map<*, *> ?: emptyMap<String, Any>()
        } catch (failure: IllegalArgumentException) {
            emptyMap<String, Any>()
        }

        /** Objects of text as JSON; members that are null are left out. */
        private fun written(members: Map<*, *>): String = members.entries.filter { it.value != null }.joinToString(",", "{", "}") {
            val value = it.value
            quoted(it.key as String) + ":" + if (value is Map<*, *>) written(value) else quoted(value as String)
        }

        private fun quoted(text: String): String = text.map {
            when {
                it == '"' || it == '\\' -> "\\$it"
                it < ' ' || it.isSurrogate() -> "\\u%04x".format(it - '\u0000')
                else -> it.toString()
            }
        }.joinToString("", "\"", "\"")
    }

    /** Reads JSON: objects as maps, lists, texts; numbers and words, which no answer needs, as null. */
    private class Json(private val text: String) {
        private var at = 0

        fun whole(): Any? = value(0).also { require(next() == null) }

        private fun value(depth: Int): Any? {
            require(depth < 32)
            return when (next()) {
                '{' -> members(depth)
                '[' -> elements(depth)
                '"' -> string()
                else -> word()
            }
        }

        private fun members(depth: Int): Map<String, Any?> {
            val members = LinkedHashMap<String, Any?>()
            at++
            while (next() != '}') {
                if (members.isNotEmpty()) take(',')
                next()
                val name = string()
                take(':')
                members[name] = value(depth + 1)
            }
            at++
            return members
        }

        private fun elements(depth: Int): List<Any?> {
            val elements = ArrayList<Any?>()
            at++
            while (next() != ']') {
                if (elements.isNotEmpty()) take(',')
                elements.add(value(depth + 1))
            }
            at++
            return elements
        }

        private fun string(): String {
            take('"')
            val string = StringBuilder()
            while (true) {
                val letter = character()
                when (letter) {
                    '"' -> return string.toString()
                    '\\' -> string.append(escaped())
                    else -> string.append(letter)
                }
            }
        }

        private fun escaped(): Char {
            val letter = character()
            return when (letter) {
                'n' -> '\n'
                't' -> '\t'
                'r' -> '\r'
                'b' -> '\b'
                'f' -> '\u000c'
                'u' -> String(CharArray(4) { character() }).toInt(16).toChar()
                else -> letter
            }
        }

        private fun word(): Any? {
            val from = at
            while (at < text.length && text[at] !in ",]} \t\r\n") at++
            require(at > from)
            return null
        }

        private fun next(): Char? {
            while (at < text.length && text[at] in " \t\r\n") at++
            return text.getOrNull(at)
        }

        private fun take(letter: Char) {
            require(next() == letter)
            at++
        }

        private fun character(): Char {
            require(at < text.length)
            return text[at++]
        }
    }
}
