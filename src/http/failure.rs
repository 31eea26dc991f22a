//! Why there is no complete answer, in plain words with a next step (E11).

use std::time::Duration;

/// Why there is no complete answer (E11).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub enum SendFailure {
    /// The host's name leads nowhere.
    Dns {
        /// The host.
        host: String,
    },
    /// Nothing listens there.
    Refused {
        /// `host:port`.
        host: String,
    },
    /// No connection can be made for another reason, such as no route to the host.
    Unreachable {
        /// `host:port`.
        host: String,
    },
    /// No connection in time (E13).
    ConnectTimeout {
        /// The limit.
        after: Duration,
    },
    /// No complete answer in time (E13).
    Timeout {
        /// The limit.
        after: Duration,
    },
    /// The secure connection failed.
    Tls {
        /// Why.
        reason: TlsProblem,
    },
    /// The connection was broken off.
    Reset,
    /// The server closed the connection without an answer.
    ClosedEarly,
    /// The body ended before it was complete.
    Truncated {
        /// Bytes that came, after decompression.
        received: u64,
    },
    /// What came is not HTTP.
    MalformedHttp,
    /// The status line and headers are larger than can be read.
    HeadTooLarge,
    /// The body can't be decompressed as its `Content-Encoding` says.
    BadEncoding,
    /// The body is larger than allowed (S4).
    BodyOverLimit {
        /// The limit in bytes.
        limit: u64,
    },
    /// A redirect leads to where the request has been already.
    RedirectLoop,
    /// More redirects than are followed (S3).
    TooManyRedirects {
        /// How many are followed.
        limit: u32,
    },
    /// A redirect asks to send the body to another origin (S3).
    RedirectWouldResendBody {
        /// Scheme, host and port that it leads to.
        to_origin: String,
    },
    /// A redirect leads from https to http (S3).
    RedirectLeavesHttps {
        /// Scheme, host and port that it leads to.
        to_origin: String,
    },
    /// The request can't be sent: its URL has no host or another scheme than http and https.
    UnusableUrl,
    /// It was cancelled (E13).
    Cancelled,
}

/// Why a secure connection failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsProblem {
    /// The certificate's issuer is not trusted here.
    UnknownIssuer,
    /// The certificate is no longer valid.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate is for another host.
    WrongHost,
    /// The certificate was withdrawn.
    Revoked,
    /// What answers does not speak TLS.
    NotTls,
    /// The server refused the connection during the handshake.
    RefusedByServer,
    /// This machine's trusted certificates can't be read.
    NoTrustedCertificates,
    /// Anything else.
    Other,
}

/// How a failure counts (E11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// No answer could be got: `faraday_error`.
    Network,
    /// The request must be set up in another way: `request_configuration_error`.
    Configuration,
    /// It was cancelled: `cancelled`.
    Cancelled,
}

impl SendFailure {
    /// How it counts (E11).
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::RedirectWouldResendBody { .. } | Self::RedirectLeavesHttps { .. } | Self::UnusableUrl => {
                FailureKind::Configuration
            }
            Self::Cancelled => FailureKind::Cancelled,
            _ => FailureKind::Network,
        }
    }

    /// What happened, in a plain sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Dns { host } => format!("No address was found for the host {host}."),
            Self::Refused { host } => format!("{host} refused the connection: nothing is listening there."),
            Self::Unreachable { host } => format!("No connection to {host} could be made."),
            Self::ConnectTimeout { after } => format!("No connection was made within {}.", seconds(*after)),
            Self::Timeout { after } => format!("No complete answer came within {}.", seconds(*after)),
            Self::Tls { reason } => format!("The secure connection failed: {}.", reason.words()),
            Self::Reset => "The connection was broken off before the answer was complete.".to_owned(),
            Self::ClosedEarly => "The server closed the connection without an answer.".to_owned(),
            Self::Truncated { received } => format!("The answer broke off after {}.", size(*received)),
            Self::MalformedHttp => "What came back is not a valid HTTP answer.".to_owned(),
            Self::HeadTooLarge => "The answer's headers are larger, or more, than can be read.".to_owned(),
            Self::BadEncoding => "The answer's body can't be decompressed as its Content-Encoding header says.".to_owned(),
            Self::BodyOverLimit { limit } => format!("The answer's body is larger than the limit of {}.", size(*limit)),
            Self::RedirectLoop => "The server redirects in a circle.".to_owned(),
            Self::TooManyRedirects { limit } => format!("The server redirected more than {limit} times."),
            Self::RedirectWouldResendBody { to_origin } => {
                format!("The server redirects to {to_origin} and asks to send the body there, which is never done.")
            }
            Self::RedirectLeavesHttps { to_origin } => {
                format!("The server redirects from https to {to_origin}, which is not encrypted.")
            }
            Self::UnusableUrl => "The URL is not an http or https address with a host.".to_owned(),
            Self::Cancelled => "The request was cancelled.".to_owned(),
        }
    }

    /// What to do now, in a sentence; empty when nothing is to be done.
    pub fn next_step(&self) -> String {
        let words = match self {
            Self::Dns { .. } => "Check the host's spelling in the URL, and this machine's network.",
            Self::Refused { .. } | Self::Unreachable { .. } => {
                "Check host and port in the URL, and whether the server is running and reachable from this machine."
            }
            Self::ConnectTimeout { .. } => "Check host and port, firewall and proxy, or allow more time to connect.",
            Self::Timeout { .. } => "Try again, look at the server's own log, or allow more time.",
            Self::Tls { reason } => reason.next_step(),
            Self::Reset | Self::ClosedEarly | Self::Truncated { .. } => {
                "Try again; if it stays so, look at the server's own log and at proxies in between."
            }
            Self::MalformedHttp => {
                "Check that host and port belong to an HTTP server, and whether http and https are mixed up."
            }
            Self::HeadTooLarge => {
                "Look at the server's own log: it sends more than 500 headers, more than about 400 kB of them, or none that end."
            }
            Self::BadEncoding => "Ask the API's vendor to correct the header or the compression.",
            Self::BodyOverLimit { .. } => "Ask the API for less, such as one page of results.",
            Self::RedirectLoop => {
                "Use the address that the API's documentation gives; a server that sets a cookie and redirects to itself can't be used."
            }
            Self::TooManyRedirects { .. } => "Put the address that the redirects end at into the URL.",
            Self::RedirectWouldResendBody { .. } => "If that address is right and can be trusted, put it into the URL.",
            Self::RedirectLeavesHttps { .. } => "Put the https address that is meant into the URL, or ask the API's vendor.",
            Self::UnusableUrl => "Write the URL in full, such as https://api.example.com/orders.",
            Self::Cancelled => "",
        };
        words.to_owned()
    }
}

impl TlsProblem {
    fn words(self) -> &'static str {
        match self {
            Self::UnknownIssuer => "the server's certificate was issued by someone this machine does not trust",
            Self::Expired => "the server's certificate has expired",
            Self::NotYetValid => "the server's certificate is not valid yet",
            Self::WrongHost => "the server's certificate is for another host",
            Self::Revoked => "the server's certificate was revoked",
            Self::NotTls => "the server does not answer in TLS",
            Self::RefusedByServer => "the server refused it",
            Self::NoTrustedCertificates => "this machine's list of trusted certificates can't be read",
            Self::Other => "the server and this machine found no common ground",
        }
    }

    fn next_step(self) -> &'static str {
        match self {
            Self::UnknownIssuer => {
                "If the server is your own, add its issuer's certificate to this machine's trusted certificates."
            }
            Self::Expired | Self::Revoked => "Ask whoever runs the server to renew the certificate.",
            Self::NotYetValid => "Check this machine's clock, then the server's certificate.",
            Self::WrongHost => "Check the host in the URL: it must be one that the certificate names.",
            Self::NotTls => "Check the port, and whether the URL should begin with http://.",
            Self::NoTrustedCertificates => "Install the system's package of CA certificates.",
            Self::RefusedByServer | Self::Other => {
                "Check that the server speaks TLS 1.2 or 1.3 and asks for no client certificate."
            }
        }
    }
}

fn seconds(duration: Duration) -> String {
    if duration.subsec_millis() == 0 { format!("{} s", duration.as_secs()) } else { format!("{} ms", duration.as_millis()) }
}

fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes >= MIB && bytes.is_multiple_of(MIB) { format!("{} MiB", bytes / MIB) } else { format!("{bytes} bytes") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e11_redirects_that_break_a_rule_are_configuration_and_the_rest_is_network() {
        let to_origin = "http://x".to_owned();
        assert_eq!(SendFailure::RedirectWouldResendBody { to_origin: to_origin.clone() }.kind(), FailureKind::Configuration);
        assert_eq!(SendFailure::RedirectLeavesHttps { to_origin }.kind(), FailureKind::Configuration);
        assert_eq!(SendFailure::RedirectLoop.kind(), FailureKind::Network);
        assert_eq!(SendFailure::TooManyRedirects { limit: 5 }.kind(), FailureKind::Network);
        assert_eq!(SendFailure::BodyOverLimit { limit: 1 }.kind(), FailureKind::Network);
        assert_eq!(SendFailure::Cancelled.kind(), FailureKind::Cancelled);
    }

    #[test]
    fn e11_sentences_name_limits_in_units_people_read() {
        let failure = SendFailure::Timeout { after: Duration::from_secs(30) };
        assert_eq!(failure.to_string(), "No complete answer came within 30 s.");
        let failure = SendFailure::BodyOverLimit { limit: 10 * 1024 * 1024 };
        assert_eq!(failure.to_string(), "The answer's body is larger than the limit of 10 MiB.");
    }
}
