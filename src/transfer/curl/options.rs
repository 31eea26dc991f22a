//! The options of cURL: which take a value, and what each means for a request.

/// What an option means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// `-X`: the method.
    Method,
    /// `-I`: HEAD.
    Head,
    /// `-H`.
    Header,
    /// `-d` and its like.
    Data(DataOption),
    /// `-G`: the data goes into the query.
    Get,
    /// `--url`.
    Url,
    /// `--url-query`: a pair for the query.
    UrlQuery,
    /// `-u`.
    User,
    /// `--oauth2-bearer`.
    Bearer,
    /// `-A`.
    UserAgent,
    /// `-b`.
    Cookie,
    /// `-F`.
    Form,
    /// Means nothing for the request itself, or is always done.
    Ignored { takes_value: bool },
    /// Left out, and told why.
    Refused { takes_value: bool, why: &'static str },
}

/// How an option writes its part of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DataOption {
    /// `--data`, `--data-ascii`, `--data-binary`: `@` names a file.
    Plain,
    /// `--data-raw`: `@` is text.
    Raw,
    /// `--data-urlencode`.
    UrlEncode,
    /// `--json`.
    Json,
}

impl Meaning {
    pub(super) fn takes_value(self) -> bool {
        match self {
            Self::Head | Self::Get => false,
            Self::Ignored { takes_value } | Self::Refused { takes_value, .. } => takes_value,
            _ => true,
        }
    }
}

const REFERER: Meaning = Meaning::Refused { takes_value: true, why: "a Referer is never sent" };
const INSECURE: Meaning = Meaning::Refused { takes_value: false, why: "certificates are always checked" };
const PROXY: Meaning = Meaning::Refused { takes_value: true, why: "a proxy can't be set for one request" };
const CERTIFICATE: Meaning = Meaning::Refused { takes_value: true, why: "certificates come from the operating system" };
const UPLOAD: Meaning = Meaning::Refused { takes_value: true, why: "files are not read" };
const CONFIG: Meaning = Meaning::Refused { takes_value: true, why: "files are not read" };
const SCHEME: Meaning = Meaning::Refused { takes_value: false, why: "only Basic authentication can be taken over" };
const NETRC: Meaning = Meaning::Refused { takes_value: false, why: "files are not read" };

/// A long option, without its dashes; `None` when it is not known.
pub(super) fn long(name: &str) -> Option<Meaning> {
    Some(match name {
        "request" => Meaning::Method,
        "head" => Meaning::Head,
        "header" => Meaning::Header,
        "data" | "data-ascii" | "data-binary" => Meaning::Data(DataOption::Plain),
        "data-raw" => Meaning::Data(DataOption::Raw),
        "data-urlencode" => Meaning::Data(DataOption::UrlEncode),
        "json" => Meaning::Data(DataOption::Json),
        "get" => Meaning::Get,
        "url" => Meaning::Url,
        "url-query" => Meaning::UrlQuery,
        "user" => Meaning::User,
        "oauth2-bearer" => Meaning::Bearer,
        "user-agent" => Meaning::UserAgent,
        "cookie" => Meaning::Cookie,
        "form" | "form-string" => Meaning::Form,
        "referer" => REFERER,
        "insecure" | "proxy-insecure" => INSECURE,
        "proxy" | "proxy-user" | "socks5" | "socks5-hostname" | "preproxy" | "resolve" | "connect-to" | "unix-socket"
        | "interface" => PROXY,
        "cacert" | "capath" | "cert" | "key" | "pass" | "cert-type" | "key-type" | "pinnedpubkey" => CERTIFICATE,
        "upload-file" => UPLOAD,
        "config" => CONFIG,
        "digest" | "ntlm" | "negotiate" | "anyauth" => SCHEME,
        "netrc" | "netrc-optional" => NETRC,
        "aws-sigv4" => Meaning::Refused { takes_value: true, why: "requests can't be signed" },
        "output" | "write-out" | "connect-timeout" | "max-time" | "retry" | "retry-delay" | "retry-max-time" | "limit-rate"
        | "cookie-jar" | "dump-header" | "max-redirs" | "trace" | "trace-ascii" | "stderr" | "noproxy" | "speed-limit"
        | "speed-time" | "keepalive-time" | "ciphers" | "tls-max" | "output-dir" | "dns-servers" | "max-filesize" => {
            Meaning::Ignored { takes_value: true }
        }
        "silent"
        | "show-error"
        | "location"
        | "location-trusted"
        | "include"
        | "verbose"
        | "globoff"
        | "no-buffer"
        | "fail"
        | "fail-with-body"
        | "fail-early"
        | "progress-bar"
        | "http1.0"
        | "http1.1"
        | "http2"
        | "http2-prior-knowledge"
        | "http3"
        | "ipv4"
        | "ipv6"
        | "compressed"
        | "basic"
        | "remote-name"
        | "remote-header-name"
        | "tlsv1"
        | "tlsv1.2"
        | "tlsv1.3"
        | "tcp-nodelay"
        | "no-keepalive"
        | "path-as-is"
        | "ssl"
        | "ssl-reqd"
        | "no-progress-meter"
        | "junk-session-cookies"
        | "create-dirs"
        | "disable"
        | "styled-output"
        | "retry-connrefused"
        | "retry-all-errors" => Meaning::Ignored { takes_value: false },
        _ => return None,
    })
}

/// A short option, without its dash; `None` when it is not known.
pub(super) fn short(letter: char) -> Option<Meaning> {
    Some(match letter {
        'X' => Meaning::Method,
        'I' => Meaning::Head,
        'H' => Meaning::Header,
        'd' => Meaning::Data(DataOption::Plain),
        'G' => Meaning::Get,
        'u' => Meaning::User,
        'A' => Meaning::UserAgent,
        'b' => Meaning::Cookie,
        'F' => Meaning::Form,
        'e' => REFERER,
        'k' => INSECURE,
        'x' | 'U' => PROXY,
        'E' => CERTIFICATE,
        'T' => UPLOAD,
        'K' => CONFIG,
        'n' => NETRC,
        'o' | 'w' | 'm' | 'c' | 'D' | 'r' | 'y' | 'Y' | 'C' | 'z' | 't' | 'P' | 'Q' => Meaning::Ignored { takes_value: true },
        's' | 'S' | 'L' | 'i' | 'v' | 'g' | 'N' | 'f' | '#' | '0' | '1' | '2' | '3' | '4' | '6' | 'O' | 'J' | 'j' | 'q'
        | 'R' | 'Z' => Meaning::Ignored { takes_value: false },
        _ => return None,
    })
}
