//! The options of cURL: which take a value, and what each means for a request.
//!
//! Whatever changes what is sent and can't be carried over is told with its reason; what only concerns how cURL itself
//! works is passed over.

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
    /// `--url-query`: a piece of the query.
    UrlQuery,
    /// `-u`.
    User,
    /// `--digest` and its like: the user of `-u` can't be taken over.
    OtherScheme,
    /// `--oauth2-bearer`.
    Bearer,
    /// `-A`.
    UserAgent,
    /// `-r`: a part of the answer.
    Range,
    /// `-b`.
    Cookie,
    /// `-F`.
    Form,
    /// `-T`: a file, sent by PUT.
    Upload,
    /// `-g`: the address is taken as it stands.
    GlobOff,
    /// `--next`: another request begins.
    Next,
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
            Self::Head | Self::Get | Self::OtherScheme | Self::GlobOff | Self::Next => false,
            Self::Ignored { takes_value } | Self::Refused { takes_value, .. } => takes_value,
            _ => true,
        }
    }
}

/// The options that a request is made of, with their letters.
const MEANT: &[(&str, Option<char>, Meaning)] = &[
    ("request", Some('X'), Meaning::Method),
    ("head", Some('I'), Meaning::Head),
    ("header", Some('H'), Meaning::Header),
    ("data", Some('d'), Meaning::Data(DataOption::Plain)),
    ("data-ascii", None, Meaning::Data(DataOption::Plain)),
    ("data-binary", None, Meaning::Data(DataOption::Plain)),
    ("data-raw", None, Meaning::Data(DataOption::Raw)),
    ("data-urlencode", None, Meaning::Data(DataOption::UrlEncode)),
    ("json", None, Meaning::Data(DataOption::Json)),
    ("get", Some('G'), Meaning::Get),
    ("url", None, Meaning::Url),
    ("url-query", None, Meaning::UrlQuery),
    ("user", Some('u'), Meaning::User),
    ("digest", None, Meaning::OtherScheme),
    ("ntlm", None, Meaning::OtherScheme),
    ("ntlm-wb", None, Meaning::OtherScheme),
    ("negotiate", None, Meaning::OtherScheme),
    ("oauth2-bearer", None, Meaning::Bearer),
    ("user-agent", Some('A'), Meaning::UserAgent),
    ("range", Some('r'), Meaning::Range),
    ("cookie", Some('b'), Meaning::Cookie),
    ("form", Some('F'), Meaning::Form),
    ("form-string", None, Meaning::Form),
    ("upload-file", Some('T'), Meaning::Upload),
    ("globoff", Some('g'), Meaning::GlobOff),
    ("next", Some(':'), Meaning::Next),
];

/// Options that are left out and told.
struct Refused {
    with_value: &'static str,
    without: &'static str,
    why: &'static str,
}

const REFUSED: &[Refused] = &[
    Refused { with_value: "referer", without: "", why: "a Referer is never sent" },
    Refused { with_value: "", without: "insecure proxy-insecure doh-insecure", why: "certificates are always checked" },
    Refused {
        with_value: "proxy proxy-user proxy1.0 proxy-header preproxy socks4 socks4a socks5 socks5-hostname \
             socks5-gssapi-service proxy-service-name proxy-cacert proxy-capath proxy-cert proxy-cert-type \
             proxy-ciphers proxy-crlfile proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey \
             proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword proxy-tlsuser noproxy",
        without: "proxytunnel proxy-anyauth proxy-basic proxy-digest proxy-negotiate proxy-ntlm proxy-tlsv1 \
             proxy-ssl-allow-beast proxy-ssl-auto-client-cert socks5-basic socks5-gssapi socks5-gssapi-nec \
             haproxy-protocol",
        why: "the proxy is the system's, and can't be set for one request",
    },
    Refused {
        with_value: "resolve connect-to unix-socket abstract-unix-socket interface local-port dns-interface dns-ipv4-addr \
             dns-ipv6-addr dns-servers doh-url haproxy-clientip",
        without: "",
        why: "the way to the host is the system's",
    },
    Refused {
        with_value: "cacert capath crlfile pinnedpubkey",
        without: "cert-status doh-cert-status ca-native",
        why: "trusted certificates are the operating system's",
    },
    Refused {
        with_value: "cert cert-type key key-type pass engine tlsauthtype tlsuser tlspassword",
        without: "ssl-auto-client-cert",
        why: "a client certificate can't be sent",
    },
    Refused { with_value: "config netrc-file etag-compare", without: "netrc netrc-optional", why: "files are not read" },
    Refused { with_value: "aws-sigv4", without: "", why: "requests can't be signed" },
    Refused { with_value: "request-target", without: "", why: "what is asked for is the path of the address" },
    Refused { with_value: "max-time connect-timeout", without: "", why: "time limits are not a part of the request" },
    Refused { with_value: "continue-at time-cond", without: "", why: "an answer is always asked for whole" },
    Refused { with_value: "variable", without: "", why: "cURL's variables are not filled in" },
    Refused {
        with_value: "retry retry-delay retry-max-time",
        without: "retry-all-errors retry-connrefused",
        why: "a request that failed is not repeated",
    },
    Refused {
        with_value: "ftp-account ftp-alternative-to-user ftp-method ftp-port ftp-ssl-ccc-mode quote krb mail-auth \
             mail-from mail-rcpt tftp-blksize telnet-option pubkey hostpubmd5 hostpubsha256 sasl-authzid \
             login-options",
        without: "append list-only ftp-create-dirs ftp-pasv ftp-pret ftp-skip-pasv-ip ftp-ssl-ccc ftp-ssl-control \
             disable-eprt disable-epsv mail-rcpt-allowfails tftp-no-options sasl-ir compressed-ssh use-ascii crlf",
        why: "it is not for HTTP",
    },
];

/// Passed over; each takes a value.
const IGNORED_WITH_VALUE: &str = "output output-dir write-out cookie-jar dump-header trace trace-ascii trace-config stderr libcurl \
             limit-rate rate max-redirs max-filesize speed-limit speed-time keepalive-time keepalive-cnt \
             expect100-timeout happy-eyeballs-timeout-ms parallel-max create-file-mode etag-save alt-svc hsts \
             ciphers tls13-ciphers curves tls-max egd-file random-file delegation service-name proto \
             proto-default proto-redir ip-tos vlan-priority ipfs-gateway ech";

/// Passed over; none takes a value.
const IGNORED: &str = "silent show-error show-headers location location-trusted include verbose no-buffer buffer fail \
             fail-with-body fail-early progress-bar progress-meter no-progress-meter http0.9 http1.0 http1.1 \
             http2 http2-prior-knowledge http3 http3-only ipv4 ipv6 compressed basic anyauth remote-name \
             remote-name-all remote-header-name remote-time remove-on-error tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 \
             sslv2 sslv3 tcp-nodelay tcp-fastopen keepalive no-keepalive path-as-is ssl ssl-reqd ssl-allow-beast \
             ssl-no-revoke ssl-revoke-best-effort junk-session-cookies create-dirs disable styled-output post301 \
             post302 post303 trace-time trace-ids raw tr-encoding parallel parallel-immediate alpn no-alpn npn \
             no-npn sessionid no-sessionid clobber no-clobber xattr form-escape metalink manual version help \
             false-start disallow-username-in-url ignore-content-length suppress-connect-headers mptcp \
             skip-existing";

/// The letters of options that are left out, and of those that are passed over, with their long names.
const LETTERS: &str = "e=referer k=insecure x=proxy U=proxy-user p=proxytunnel E=cert K=config n=netrc m=max-time \
             C=continue-at z=time-cond P=ftp-port Q=quote t=telnet-option a=append l=list-only B=use-ascii \
             o=output w=write-out c=cookie-jar D=dump-header y=speed-time Y=speed-limit s=silent S=show-error \
             L=location i=include v=verbose N=no-buffer f=fail #=progress-bar 0=http1.0 1=tlsv1 2=sslv2 3=sslv3 \
             4=ipv4 6=ipv6 O=remote-name J=remote-header-name R=remote-time j=junk-session-cookies q=disable \
             Z=parallel M=manual V=version h=help";

/// A long option, without its dashes; `None` when it is not known. As in cURL, its beginning is enough where no other
/// option begins so.
pub(super) fn long(name: &str) -> Option<Meaning> {
    exact(name).or_else(|| {
        if let Some(positive) = name.strip_prefix("no-").and_then(exact)
            && !positive.takes_value()
        {
            return Some(Meaning::Ignored { takes_value: false });
        }
        if name.strip_prefix("expand-").is_some_and(|option| exact(option).is_some()) {
            return Some(Meaning::Refused { takes_value: true, why: "cURL's variables are not filled in" });
        }
        let mut begun = names().filter(|known| name.len() > 1 && known.starts_with(name));
        match (begun.next(), begun.next()) {
            (Some(only), None) => exact(only),
            _ => None,
        }
    })
}

/// A short option, without its dash; `None` when it is not known.
pub(super) fn short(letter: char) -> Option<Meaning> {
    let meant = MEANT.iter().find(|(_, short, _)| *short == Some(letter)).map(|(.., meaning)| *meaning);
    meant.or_else(|| {
        let mut letters = LETTERS.split_ascii_whitespace();
        letters.find_map(|pair| pair.strip_prefix(letter)?.strip_prefix('=')).and_then(exact)
    })
}

fn exact(name: &str) -> Option<Meaning> {
    if let Some((.., meaning)) = MEANT.iter().find(|(known, ..)| *known == name) {
        return Some(*meaning);
    }
    let stands_in = |list: &str| list.split_ascii_whitespace().any(|known| known == name);
    for Refused { with_value, without, why } in REFUSED {
        let takes_value = stands_in(with_value);
        if takes_value || stands_in(without) {
            return Some(Meaning::Refused { takes_value, why });
        }
    }
    if stands_in(IGNORED_WITH_VALUE) {
        return Some(Meaning::Ignored { takes_value: true });
    }
    stands_in(IGNORED).then_some(Meaning::Ignored { takes_value: false })
}

fn names() -> impl Iterator<Item = &'static str> {
    let refused = REFUSED.iter().flat_map(|refused| [refused.with_value, refused.without]);
    let lists = refused.chain([IGNORED_WITH_VALUE, IGNORED]);
    MEANT.iter().map(|(name, ..)| *name).chain(lists.flat_map(str::split_ascii_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `curl --help all`, an option a line: ` -d, --data <data>  …`.
    fn of_the_real_curl() -> Vec<(Option<char>, String, bool)> {
        let help = std::process::Command::new("curl").args(["--help", "all"]).output().unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        let options = help.lines().filter_map(|line| {
            let (before, rest) = line.split_once("--")?;
            let letter = before.trim().strip_prefix('-').and_then(|short| short.chars().next());
            let mut words = rest.split(' ');
            let name = words.next()?.to_owned();
            let takes_value = words.next().is_some_and(|word| word.starts_with(['<', '[']));
            (before.trim().is_empty() || letter.is_some()).then_some((letter, name, takes_value))
        });
        options.collect()
    }

    #[test]
    fn options_take_a_value_where_they_do_in_the_real_curl() {
        let options = of_the_real_curl();
        assert!(options.len() > 200, "curl --help all was not understood");
        for (letter, name, takes_value) in options {
            // Its category can be left out.
            if name == "help" {
                continue;
            }
            // A newer cURL may have options that are not known here; those are told as such.
            let Some(meaning) = long(&name) else { continue };
            assert_eq!(meaning.takes_value(), takes_value, "--{name}");
            if let Some(letter) = letter {
                assert_eq!(short(letter), Some(meaning), "-{letter} is --{name}");
            }
        }
    }

    #[test]
    fn the_beginning_of_an_option_is_enough_where_it_is_clear() {
        assert_eq!(long("data-url"), Some(Meaning::Data(DataOption::UrlEncode)));
        assert_eq!(long("head"), Some(Meaning::Head));
        assert_eq!(long("heade"), Some(Meaning::Header));
        assert_eq!(long("data-"), None);
        assert_eq!(long("no-compressed"), Some(Meaning::Ignored { takes_value: false }));
        assert_eq!(long("frobnicate"), None);
    }

    #[test]
    fn no_option_is_named_twice() {
        let mut known: Vec<_> = names().collect();
        known.sort_unstable();
        let before = known.len();
        known.dedup();
        assert_eq!(known.len(), before);
    }
}
