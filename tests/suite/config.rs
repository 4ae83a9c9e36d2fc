//! What an operator chooses: where it may stand, what wins, and what is said of slips.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args as _, Command, FromArgMatches as _};
use composure::config::{
    Auth, Config, Conversations, Drain, Effective, File, Flags, Header, Jwks, Jwt, Limits, Log, LogFormat, LogLevel,
    Otlp, Problems, Redis, RedisTls, Secret, Share, StoreChoice, Tls, Topology,
};
use proptest::prelude::*;

/// Flags as they are typed.
fn flags(typed: &[&str]) -> Flags {
    try_flags(typed).unwrap()
}

fn try_flags(typed: &[&str]) -> Result<Flags, clap::Error> {
    let command = Flags::augment_args(Command::new("serve").no_binary_name(true));
    Flags::from_arg_matches(&command.try_get_matches_from(typed)?)
}

fn environment(variables: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    variables.iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn read(text: &str, variables: &[(&str, &str)], typed: &[&str]) -> Result<Effective, Problems> {
    let file = File { name: "composure.yaml", bytes: text.as_bytes() };
    Effective::of(Some(file), environment(variables), &flags(typed))
}

fn config(text: &str, variables: &[(&str, &str)], typed: &[&str]) -> Config {
    read(text, variables, typed).unwrap_or_else(|problems| panic!("{problems}")).config
}

fn complaint(text: &str, variables: &[(&str, &str)], typed: &[&str]) -> String {
    read(text, variables, typed).expect_err("something is wrong with it").to_string()
}

/// What is said of one variable or flag.
fn told(code: &str, message: &str, place: &str, mend: &str) -> String {
    format!("error[{code}]: {message}\n--> {place}\n = help: {mend}")
}

/// A configuration in which everything is chosen.
const EVERYTHING: &str = "\
listen: localhost:7000
admin: off
playbooks: /srv/playbooks
previous_playbooks: 3
tls:
  certificate: /srv/tls.crt
  key: /srv/tls.key
  client_ca: /srv/clients.pem
auth:
  api_keys: /srv/keys.yaml
  jwt:
    issuer: https://id.example.com
    audience: composure
    jwks: https://id.example.com/keys.json
    ca: /srv/id.pem
    tenant_claim: org
    roles_claim: groups
limits:
  connections: 1
  streams: 2
  calls: 3
  subscriptions: 9
  deadline: 500ms
  handshake: 4s
  connection_age: 5m
  request_bytes: 2048
  metadata_bytes: 4096
conversations:
  store: redis
  ttl: 36h
redis:
  mode: sentinel
  addresses:
    - sentinel-0:26379
    - '[::1]:26379'
  master: mymaster
  username: composure
  password: s3cret # with = and , in it
  tls: true
  ca: /srv/redis.pem
  timeout: 90ms
drain:
  wait: 6s
  deadline: 7s
log:
  level: debug
  format: json
  calls: 0.25
otlp:
  endpoint: https://collector.example.com:4317
  traces: 1
  metrics: true
  headers: Authorization=Bearer%20s3cret, x-tenant=a=b
";

#[test]
fn nobody_has_to_choose_anything() {
    let defaults = Config::default();
    assert_eq!(config("", &[], &[]), defaults);
    assert_eq!(config("# nothing\n---\n", &[], &[]), defaults);
    assert_eq!(Effective::of(None, [], &Flags::default()).unwrap().config, defaults);
    assert_eq!((defaults.listen.as_str(), defaults.admin.as_deref()), ("127.0.0.1:50051", Some("127.0.0.1:9090")));
    assert_eq!(defaults.limits.deadline, Duration::from_secs(10));
    assert_eq!((defaults.tls, defaults.auth.jwt, defaults.otlp.endpoint), (None, None, None));
}

/// What that chooses.
fn everything() -> Config {
    let header = |name: &str, value: &str| Header { name: name.to_owned(), value: Secret::new(value) };
    Config {
        listen: "localhost:7000".to_owned(),
        admin: None,
        playbooks: Some("/srv/playbooks".into()),
        previous_playbooks: 3,
        tls: Some(Tls {
            certificate: "/srv/tls.crt".into(),
            key: "/srv/tls.key".into(),
            client_ca: Some("/srv/clients.pem".into()),
        }),
        auth: Auth { api_keys: Some("/srv/keys.yaml".into()), jwt: Some(tokens()) },
        limits: Limits {
            connections: 1,
            streams: 2,
            calls: 3,
            subscriptions: 9,
            deadline: Duration::from_millis(500),
            handshake: Duration::from_secs(4),
            connection_age: Duration::from_secs(300),
            request_bytes: 2048,
            metadata_bytes: 4096,
        },
        conversations: Conversations { store: StoreChoice::Redis(redis()), ttl: Duration::from_secs(36 * 60 * 60) },
        drain: Drain { wait: Duration::from_secs(6), deadline: Duration::from_secs(7) },
        log: Log { level: LogLevel::Debug, format: LogFormat::Json, calls: Share::new(0.25).unwrap() },
        otlp: Otlp {
            endpoint: Some("https://collector.example.com:4317".to_owned()),
            traces: Share::ALL,
            metrics: true,
            headers: vec![header("authorization", "Bearer s3cret"), header("x-tenant", "a=b")],
        },
    }
}

fn redis() -> Redis {
    Redis {
        topology: Topology::Sentinel {
            sentinels: vec!["sentinel-0:26379".to_owned(), "[::1]:26379".to_owned()],
            master: "mymaster".to_owned(),
        },
        username: Some("composure".to_owned()),
        password: Some(Secret::new("s3cret")),
        tls: Some(RedisTls { ca: Some("/srv/redis.pem".into()) }),
        timeout: Duration::from_millis(90),
    }
}

/// A configuration with Redis, and what more is said of it.
fn with_redis(more: &str) -> String {
    format!("conversations: {{store: redis}}\nredis:\n{more}")
}

fn store(text: &str) -> StoreChoice {
    config(text, &[], &[]).conversations.store
}

fn tokens() -> Jwt {
    Jwt {
        issuer: "https://id.example.com".to_owned(),
        audience: "composure".to_owned(),
        jwks: Jwks::Url("https://id.example.com/keys.json".to_owned()),
        ca: Some("/srv/id.pem".into()),
        tenant_claim: "org".to_owned(),
        roles_claim: "groups".to_owned(),
    }
}

#[test]
fn the_file_chooses_everything() {
    assert_eq!(config(EVERYTHING, &[], &[]), everything());
}

/// The lines of what is printed that choose something: path, value.
fn chosen(printed: &str) -> Vec<(String, String)> {
    let mut path: Vec<&str> = Vec::new();
    let mut chosen = Vec::new();
    for line in printed.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.trim().split_once(':').unwrap();
        path.truncate((line.len() - line.trim_start().len()) / 2);
        path.push(name);
        if let Some((value, _)) = value.split_once("  # ") {
            chosen.push((path.join("."), value.trim().trim_matches('"').to_owned()));
        }
    }
    chosen
}

#[test]
fn the_environment_and_the_flags_can_choose_the_same() {
    let headers = ("COMPOSURE_OTLP_HEADERS", "authorization=Bearer s3cret,x-tenant=a=b");
    let secrets = [headers, ("COMPOSURE_REDIS_PASSWORD", "s3cret")];
    let chosen = chosen(&read(EVERYTHING, &[], &[]).unwrap().to_yaml());
    assert_eq!(chosen.len(), 42);
    let named = |(path, value): &(String, String)| {
        (format!("COMPOSURE_{}", path.replace('.', "_").to_uppercase()), value.clone())
    };
    let named: Vec<(String, String)> = chosen.iter().map(named).collect();
    let mut variables: Vec<(&str, &str)> = named.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    variables.extend(secrets);
    assert_eq!(config("", &variables, &[]), everything());
    let typed = |(path, value): &(String, String)| format!("--{}={value}", path.replace(['.', '_'], "-"));
    let typed: Vec<String> = chosen.iter().map(typed).collect();
    let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
    assert_eq!(config("", &secrets, &typed), everything());
}

#[test]
fn a_flag_is_stronger_than_a_variable_and_that_than_the_file() {
    let (file, variable, flag) = ("listen: a:1\n", ("COMPOSURE_LISTEN", "b:2"), "--listen=c:3");
    assert_eq!(config(file, &[], &[]).listen, "a:1");
    assert_eq!(config(file, &[variable], &[]).listen, "b:2");
    assert_eq!(config(file, &[variable], &[flag]).listen, "c:3");
    assert_eq!(config(file, &[], &[flag]).listen, "c:3");
    assert_eq!(config("", &[variable], &[flag]).listen, "c:3");
}

#[test]
fn a_flag_of_yes_and_no_needs_no_value() {
    let endpoint = "--otlp-endpoint=http://collector:4317";
    assert!(config("", &[], &["--otlp-metrics", endpoint]).otlp.metrics);
    assert!(!config("otlp: {metrics: true}\n", &[], &["--otlp-metrics=false", endpoint]).otlp.metrics);
}

#[test]
fn secrets_have_no_flag() {
    for typed in ["--otlp-headers=a=b", "--redis-password=a"] {
        assert_eq!(try_flags(&[typed]).unwrap_err().kind(), clap::error::ErrorKind::UnknownArgument, "{typed}");
    }
}

/// Each file in `tests/config` gets exactly the report that stands beside it.
#[test]
fn every_broken_file_gets_its_report() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    assert!(files.len() >= 9, "where are the broken files?");
    let mut wrong = String::new();
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let file = File { name, bytes: &fs::read(&path).unwrap() };
        let found = Effective::of(Some(file), [], &Flags::default()).expect_err(name).to_string();
        assert!(!found.contains("s3cret"), "{found}");
        let expected = fs::read_to_string(path.with_extension("txt")).unwrap_or_default();
        if found.trim_end() != expected.trim_end() {
            wrong = format!("{wrong}\n==== {name}\n{found}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_is_wrong_with_a_variable_names_it() {
    let only = |name: &str, value: &str| complaint("", &[(name, value)], &[]);
    let stranger = |name: &str, mend: &str| {
        told("unknown-variable", &format!("the configuration has no variable `{name}`"), name, mend)
    };
    let unset = "unset it: variables that start with `COMPOSURE_` choose what is served";
    assert_eq!(only("COMPOSURE_LISTN", "x"), stranger("COMPOSURE_LISTN", "did you mean `COMPOSURE_LISTEN`?"));
    assert_eq!(only("composure_listen", "x"), stranger("composure_listen", "did you mean `COMPOSURE_LISTEN`?"));
    assert_eq!(only("COMPOSURE_CONFG", "x"), stranger("COMPOSURE_CONFG", "did you mean `COMPOSURE_CONFIG`?"));
    assert_eq!(only("COMPOSURE_", "x"), stranger("COMPOSURE_", unset));
    assert_eq!(only("COMPOSURE_VERBOSE", "s3cret"), stranger("COMPOSURE_VERBOSE", unset));
    assert_eq!(
        only("COMPOSURE_LISTEN", ":80"),
        told("wrong-type", "expected an address, found `:80`", "COMPOSURE_LISTEN", "did you mean `0.0.0.0:80`?")
    );
    assert_eq!(
        only("COMPOSURE_TLS_KEY", ""),
        [
            told("empty-text", "this is empty", "COMPOSURE_TLS_KEY", "write it, or leave it out altogether"),
            told(
                "conflict",
                "`tls.key` is set, and `tls.certificate` is not",
                "COMPOSURE_TLS_KEY",
                "set `tls.certificate`, too, or leave `tls.key` out"
            )
        ]
        .join("\n\n")
    );
}

#[test]
fn what_is_wrong_with_a_secret_does_not_tell_it() {
    let only = |value: &str| complaint("", &[("COMPOSURE_OTLP_HEADERS", value)], &["--otlp-endpoint=http://c:4317"]);
    let wrong = |message: &str, mend: &str| told("wrong-type", message, "COMPOSURE_OTLP_HEADERS", mend);
    let split = "write `name=value`, with `,` between headers and `%2C` for one in a value";
    assert_eq!(only("s3cret"), wrong("header 1 has no `=`", split));
    assert_eq!(only("a=b,s3cret"), wrong("header 2 has no `=`", split));
    let name = "write a name of letters, digits and `-` that does not end in `-bin`";
    assert_eq!(only("a b=s3cret"), wrong("header 1 has no name that may be sent", name));
    assert_eq!(only("key-bin=s3cret"), wrong("header 1 has no name that may be sent", name));
    let value = "write plain ASCII that prints";
    assert_eq!(only("a="), wrong("header 1 has no value that may be sent", value));
    assert_eq!(only("a=s3cret%0A"), wrong("header 1 has no value that may be sent", value));
    let all = format!("{:?}", read(EVERYTHING, &[], &[]).unwrap());
    assert!(all.contains("<redacted>") && !all.contains("s3cret"), "{all}");
    assert!(
        config("", &[("COMPOSURE_OTLP_HEADERS", "a=b\n")], &["--otlp-endpoint=http://c:4317"]).otlp.headers.len() == 1
    );
}

#[test]
fn values_that_are_no_text_are_told() {
    let bytes = OsString::from_vec(vec![b'a', 0xff]);
    let of = |name: OsString, value: OsString| Effective::of(None, [(name, value)], &Flags::default());
    let problems = of("COMPOSURE_PLAYBOOKS".into(), bytes.clone()).unwrap_err();
    assert_eq!(
        problems.to_string(),
        told("not-utf-8", "this is not UTF-8", "COMPOSURE_PLAYBOOKS", "write it in UTF-8")
    );
    let mut name = OsString::from("COMPOSURE_");
    name.push(bytes.clone());
    assert_eq!(of(name, "x".into()).unwrap_err().count(), 1);
    assert!(of(bytes, "x".into()).is_ok());
}

#[test]
fn what_kubernetes_sets_for_a_service_of_our_name_does_no_harm() {
    let links = [
        ("COMPOSURE_SERVICE_HOST", "10.0.0.1"),
        ("COMPOSURE_PORT", "tcp://10.0.0.1:50051"),
        ("COMPOSURE_PORT_50051_TCP_ADDR", "10.0.0.1"),
        ("COMPOSURE_HEADLESS_SERVICE_PORT_GRPC", "50051"),
    ];
    assert_eq!(config("", &links, &[]), Config::default());
    assert!(complaint("", &[("COMPOSURE_PORT", "50051")], &[]).contains("`COMPOSURE_PORT`"));
}

#[test]
fn what_is_wrong_with_a_flag_names_it() {
    let only = |typed: &[&str]| complaint("", &[], typed);
    assert_eq!(
        only(&["--limits-streams=0"]),
        told("out-of-range", "`0` is not a number from 1 to 10000", "--limits-streams", "write one from 1 to 10000")
    );
    assert_eq!(
        only(&["--listen", "::1:80"]),
        told("wrong-type", "expected an address, found `::1:80`", "--listen", "did you mean `[::1]:80`?")
    );
    assert_eq!(
        only(&["--admin=127.0.0.1:50051"]),
        told(
            "conflict",
            "`listen` is `127.0.0.1:50051` and `admin` is `127.0.0.1:50051`: only one of them can have the port",
            "--admin",
            "give one of them another port"
        )
    );
    assert_eq!(
        only(&["--drain-deadline=5s"]),
        told(
            "conflict",
            "`drain.deadline` is `5s` and `limits.deadline` is `10s`: a call can take longer than it is waited for",
            "--drain-deadline",
            "make `drain.deadline` as long as `limits.deadline`, or longer"
        )
    );
}

#[test]
fn conversations_are_held_in_memory_where_nobody_chooses() {
    let day = Duration::from_secs(24 * 60 * 60);
    let memory = StoreChoice::Memory { most: 100_000, bytes: 134_217_728 };
    assert_eq!(Config::default().conversations, Conversations { store: memory, ttl: day });
    let chosen = store("conversations: {most: 7, bytes: 8589934592}\n");
    assert_eq!(chosen, StoreChoice::Memory { most: 7, bytes: 8_589_934_592 });
    assert_eq!(store("conversations: {store: none}\n"), StoreChoice::None);
}

#[test]
fn redis_is_one_server_or_sentinels_or_a_cluster() {
    let topology = |text: &str| match store(&with_redis(text)) {
        StoreChoice::Redis(redis) => redis.topology,
        StoreChoice::Memory { .. } | StoreChoice::None => panic!("that chooses Redis"),
    };
    let single = Topology::Single { address: "redis:6379".to_owned() };
    assert_eq!(topology("  addresses: redis:6379\n"), single);
    assert_eq!(topology("  addresses: [redis:6379]\n"), single);
    let nodes = vec!["a:1".to_owned(), "b:2".to_owned()];
    for list in ["a:1,b:2", "[a:1, b:2]", "\n    - a:1\n    - b:2", "[\"a:1,b:2\"]"] {
        let found = topology(&format!("  mode: cluster\n  addresses: {list}\n"));
        assert_eq!(found, Topology::Cluster { nodes: nodes.clone() }, "{list}");
    }
    let found = topology("  mode: sentinel\n  master: m\n  addresses: a:1, b:2\n");
    assert_eq!(found, Topology::Sentinel { sentinels: nodes, master: "m".to_owned() });
}

#[test]
fn what_is_printed_of_any_store_chooses_it_again() {
    for text in
        ["conversations: {store: none}\n", &with_redis("  addresses: redis:6379\n"), "conversations: {most: 9}\n"]
    {
        let effective = read(text, &[], &[]).unwrap();
        assert_eq!(config(&effective.to_yaml(), &[], &[]), effective.config, "{}", effective.to_yaml());
    }
}

#[test]
fn credentials_among_addresses_are_not_told() {
    for list in [
        "x:s3cret@redis:6379",
        "[a:1, x:s3cret@redis:6379]",
        "\n    - a:1\n    - x:s3cret@redis:6379",
        "\n    - x:s3cret@a:1",
    ] {
        let told = complaint(&with_redis(&format!("  addresses: {list}\n")), &[], &[]);
        assert!(told.contains("as behind credentials") && !told.contains("s3cret"), "{told}");
    }
    let told = complaint("", &[("COMPOSURE_REDIS_PASSWORD", "s3cret\n")], &["--conversations-store=redis"]);
    assert!(told.contains("does not print") && !told.contains("s3cret"), "{told}");
}

#[test]
fn ports_that_the_system_chooses_do_not_clash() {
    assert_eq!(config("", &[], &["--listen=127.0.0.1:0", "--admin=127.0.0.1:0"]).listen, "127.0.0.1:0");
    assert!(config("", &[], &["--listen=127.0.0.1:7000", "--admin=127.0.0.2:7000"]).admin.is_some());
    assert!(read("", &[], &["--listen=127.0.0.1:7000", "--admin=[::]:7000"]).is_err());
}

#[test]
fn keys_may_come_over_http_from_this_machine() {
    for jwks in ["http://localhost:8080/keys", "http://127.0.0.1/keys", "http://[::1]:8080/keys"] {
        let typed = format!("--auth-jwt-jwks={jwks}");
        let jwt = config("", &[], &["--auth-jwt-issuer=a", "--auth-jwt-audience=b", &typed]).auth.jwt.unwrap();
        assert_eq!(jwt.jwks, Jwks::Url(jwks.to_owned()));
    }
    let jwt = config("", &[], &["--auth-jwt-issuer=a", "--auth-jwt-audience=b", "--auth-jwt-jwks=keys@1.json"]);
    assert_eq!(jwt.auth.jwt.unwrap().jwks, Jwks::File(PathBuf::from("keys@1.json")));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let problems = read("listn: a:1\n", &[("COMPOSURE_ADMN", "b:2")], &["--limits-calls=none"]).unwrap_err();
    assert_eq!(problems.count(), 3);
    let told = problems.to_string();
    let places = ["--> composure.yaml:1:1", "--> COMPOSURE_ADMN", "--> --limits-calls"].map(|place| told.find(place));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{told}");
}

#[test]
fn a_weaker_choice_that_is_wrong_is_told_though_a_stronger_one_is_right() {
    let told = complaint("limits: {calls: none}\n", &[("COMPOSURE_LIMITS_CALLS", "5")], &["--limits-calls=6"]);
    assert!(told.contains("composure.yaml:1:17"), "{told}");
}

#[test]
fn a_file_that_cannot_be_read_to_its_end_is_not_blamed_for_what_it_may_say_there() {
    let problems = read("tls: {key: k\n", &[("COMPOSURE_TLS_CERTIFICATE", "c")], &[]).unwrap_err();
    assert_eq!(problems.count(), 1, "{problems}");
}

#[test]
fn a_file_that_is_none_is_refused() {
    let of =
        |bytes: &[u8]| Effective::of(Some(File { name: "f", bytes }), [], &Flags::default()).unwrap_err().to_string();
    assert!(of(&vec![b'#'; 2 * 1024 * 1024]).contains("more than the 1 MiB that a configuration may have"));
    assert!(of(b"listen: \xff").contains("line 1 is not UTF-8"));
    assert!(of("[".repeat(10_000).as_bytes()).contains("nested"));
}

#[test]
fn what_is_printed_says_where_each_value_came_from() {
    let text = "limits:\n  calls: 7\n";
    let printed = read(text, &[("COMPOSURE_PLAYBOOKS", "/p \"q\"")], &["--log-level=warn"]).unwrap().to_yaml();
    for line in [
        "listen: \"127.0.0.1:50051\"  # default",
        "playbooks: \"/p \\\"q\\\"\"  # COMPOSURE_PLAYBOOKS",
        "  calls: 7  # composure.yaml:2",
        "  level: warn  # --log-level",
        "# tls.key is not set",
        "# otlp.headers is not set",
    ] {
        assert!(printed.lines().any(|found| found == line), "{line} in\n{printed}");
    }
}

#[test]
fn what_is_printed_chooses_the_same_but_for_secrets() {
    for text in ["", EVERYTHING] {
        let printed = read(text, &[], &[]).unwrap().to_yaml();
        assert!(!printed.contains("s3cret"), "{printed}");
        let mut expected = config(text, &[], &[]);
        expected.otlp.headers = Vec::new();
        // A user without a password is refused, so it comes from elsewhere, as it should.
        let password = match &expected.conversations.store {
            StoreChoice::Redis(_) => vec![("COMPOSURE_REDIS_PASSWORD", "s3cret")],
            StoreChoice::Memory { .. } | StoreChoice::None => Vec::new(),
        };
        assert_eq!(config(&printed, &password, &[]), expected, "{printed}");
    }
    let printed = read(EVERYTHING, &[], &[]).unwrap().to_yaml();
    assert!(printed.contains("# otlp.headers is \"<redacted>\"  # composure.yaml:53\n"), "{printed}");
}

#[test]
fn a_user_of_redis_comes_with_a_password() {
    let text = "conversations: {store: redis}\nredis: {addresses: 'a:6379', username: composure}\n";
    assert!(complaint(text, &[], &[]).contains("`redis.username` is set, and `redis.password` is not"));
    config(text, &[("COMPOSURE_REDIS_PASSWORD", "s3cret")], &[]);
}

#[test]
fn the_reference_has_every_key_in_the_same_words() {
    let page = include_str!("../../src/config/reference.md");
    let table = composure::config::reference();
    assert!(page.contains(&table), "the table should be:\n{table}");
}

/// Keys, values and what holds them together, with a bar between.
const WORDS: &str = "listen|admin|tls|certificate|key|auth|jwt|issuer|limits|calls|deadline|otlp|headers|endpoint|conversations|store|redis|password|addresses|log|drain|wait|\
    : |:\n  |\n|\n  |\n    |{|}|[|]|, |\"|'|- |10s|1m|off|true|0.5|127.0.0.1:0|[::1]:80|http://a:1|https://b@c|a=b|#|&a|*a|!t|\
    null|\t|ü|\u{2028}|%|>\n|---";

/// Text that is mostly nearly right.
fn fragments() -> impl Strategy<Value = String> {
    let words: Vec<&str> = WORDS.split('|').collect();
    prop::collection::vec(prop::sample::select(words), 0..40).prop_map(|words| words.concat())
}

/// Where a secret may stand, by right or by a slip.
const SECRETS: [(&str, &str); 6] = [
    ("otlp", "headers"),
    ("otlp", "header"),
    ("otlp", "endpoint"),
    ("otlp", "key"),
    ("redis", "password"),
    ("redis", "addresses"),
];

proptest! {
    #[test]
    fn no_file_breaks_it(text in prop_oneof![fragments(), any::<String>()]) {
        if let Err(problems) = read(&text, &[], &[]) {
            prop_assert!(problems.count() > 0 && !problems.to_string().is_empty());
        }
    }

    #[test]
    fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(Effective::of(Some(File { name: "f", bytes: &bytes }), [], &Flags::default()));
    }

    #[test]
    fn no_value_breaks_it(value in prop_oneof![fragments(), any::<String>()], key in 0_usize..42) {
        let mut variables = chosen(&read(EVERYTHING, &[], &[]).unwrap().to_yaml());
        variables.extend(["otlp.headers", "redis.password"].map(|path| (path.to_owned(), String::new())));
        let (path, _) = &variables[key];
        let name = format!("COMPOSURE_{}", path.replace('.', "_").to_uppercase());
        drop(read("", &[(&name, &value)], &[]));
        if let Ok(flags) = try_flags(&[&format!("--{}={value}", path.replace(['.', '_'], "-"))]) {
            drop(Effective::of(None, [], &flags));
        }
    }

    #[test]
    fn whatever_is_chosen_is_printed_so_that_it_reads_the_same(
        path in "\\PC{1,20}",
        claim in any::<String>(),
        calls in 1_u32..1_000_000,
        wait in 0_u64..3_600_000,
        share in 0.0_f64..1.0,
    ) {
        let (calls, wait, share) = (calls.to_string(), format!("{wait}ms"), format!("{share:.6}"));
        let variables = [
            ("COMPOSURE_PLAYBOOKS", path.as_str()),
            ("COMPOSURE_AUTH_API_KEYS", claim.as_str()),
            ("COMPOSURE_LIMITS_CALLS", &calls),
            ("COMPOSURE_DRAIN_WAIT", &wait),
            ("COMPOSURE_LOG_CALLS", &share),
        ];
        if let Ok(effective) = read("", &variables, &[]) {
            prop_assert_eq!(config(&effective.to_yaml(), &[], &[]), effective.config);
        }
    }

    #[test]
    fn no_secret_is_ever_told(before in fragments(), after in fragments(), of in prop::sample::select(&SECRETS[..])) {
        let (section, key) = of;
        let text = format!("{before}\n{section}:\n  {key}: http://x:s3cret@y\n{after}");
        match read(&text, &[], &[]) {
            Ok(effective) => {
                let told = format!("{effective:?}{}", effective.to_yaml());
                prop_assert!(!told.contains("s3cret"), "{}", told);
            }
            // What stands under another key, or in text that goes on, is no secret of ours.
            Err(problems) if matches!(key, "headers" | "password") => prop_assert!(!problems.to_string().contains("s3cret"), "{}", problems),
            Err(_) => {}
        }
    }
}
