//! A workspace of a million customers with two tokens each beside one of a thousand: what a call of the Messenger and a run for
//! a customer cost, what of that is the writing and the look-up, what people search, and whether memory grows with the number of
//! customers.

mod fill;
mod page;

use std::path::Path;
use std::time::{Duration, Instant};

use latchkey::customer::{Said, SetBy, take_in};
use latchkey::store::customer_lists::{self, Search};
use latchkey::store::{Database, customer_tokens, customers};
use latchkey::workspace::Workspace;
use secrecy::SecretString;

use crate::Failure;
use crate::figures::{Aim, Figure};
use crate::machine::Used;
use crate::nginx::Nginx;
use crate::options::Options;
use fill::{Filled, TOKENS, user_id};
use page::Pages;

/// Customers of the large and of the small workspace.
const LARGE: usize = 1_000_000;
const SMALL: usize = 1_000;
/// Customers who call, or for whom is run, in one turn; each comes once.
const CALLS: usize = 1_000;
const LOOK_UPS: usize = 20_000;
/// The Messenger takes 600 calls a second in all; a turn stays below.
const CALL_PAUSE: Duration = Duration::from_millis(2);
/// The most CPU time to what the small workspace takes.
const RATIO: Aim = Aim::AtMost(1.3);
/// The longest that a search may take, in milliseconds.
const SEARCH: Aim = Aim::AtMost(50.0);
const LARGE_WORDS: &str = "among a million customers";
const SMALL_WORDS: &str = "among a thousand";

/// All of it.
pub async fn measure(options: &Options, folder: &Path) -> Result<Vec<Figure>, Failure> {
    std::fs::create_dir(folder)?;
    let server = Nginx::start(&folder.join("nginx"))?;
    let (small, large) = if options.quick { (20, 200) } else { (SMALL, LARGE) };
    let small = Filled::make(&folder.join("small"), small, server.url()).await?;
    let large = Filled::make(&folder.join("large"), large, server.url()).await?;
    let filling = Figure::alone("customers_fill", "filling the large workspace, each customer", "µs", [large.micros_each]);
    let mut figures = vec![filling];
    figures.extend(whole(options, &large, &small).await?);
    let databases = (large.database()?, small.database()?);
    figures.push(written(options, (&large, &databases.0), (&small, &databases.1))?);
    figures.push(looked_up(options, (&large, &databases.0), (&small, &databases.1))?);
    figures.extend(searches(options, &large, &databases.0)?);
    drop(databases);
    figures.push(memory(options, &large, &small)?);
    Ok(figures)
}

/// What a call of the Messenger and a run cost as a whole.
async fn whole(options: &Options, large: &Filled, small: &Filled) -> Result<Vec<Figure>, Failure> {
    let (of_large, of_small) = (large.open().await?, small.open().await?);
    let mut sets = (Sets::of(options, large, &of_large).await?, Sets::of(options, small, &of_small).await?);
    let mut pairs = Vec::new();
    for round in 0..=options.rounds() {
        pairs.push((sets.0.turn(round)?, sets.1.turn(round)?));
    }
    let calls = figure("customers_set_auth_tokens", "setAuthTokens over HTTP", &pairs[1..]).aiming(RATIO);
    pairs.clear();
    for round in 0..=options.rounds() {
        let of_large = runs(options, large, &of_large, round).await?;
        pairs.push((of_large, runs(options, small, &of_small, round).await?));
    }
    Ok(vec![calls, figure("customers_run", "a run for a customer", &pairs[1..]).aiming(RATIO)])
}

/// Customers with their sessions.
struct Sets {
    pages: Pages,
    sessions: Vec<String>,
}

impl Sets {
    async fn of(options: &Options, filled: &Filled, workspace: &Workspace) -> Result<Self, Failure> {
        let mut pages = Pages::of(workspace).await?;
        let mut sessions = Vec::new();
        for call in 0..options.times(CALLS) {
            sessions.push(pages.boot(&filled.someone(call))?);
            std::thread::sleep(CALL_PAUSE);
        }
        Ok(Self { pages, sessions })
    }

    fn turn(&mut self, round: usize) -> Result<f64, Failure> {
        let Self { pages, sessions } = self;
        micros_of_cpu(sessions.len(), |call| {
            pages.set_auth_tokens(&sessions[call], TOKENS[0], &format!("value of round {round} and call {call}"))?;
            std::thread::sleep(CALL_PAUSE);
            Ok(())
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "thousands")]
async fn runs(options: &Options, filled: &Filled, workspace: &Workspace, round: usize) -> Result<f64, Failure> {
    let times = options.times(CALLS);
    let before = Used::by_now()?.own;
    for time in 0..times {
        let execution = workspace.execute(filled.request(filled.someone(round * times + time))).await?.outcome().await?;
        if !execution.success {
            return Err(format!("A run failed: {}", execution.sentence).into());
        }
    }
    Ok((Used::by_now()?.own - before) * 1e6 / times as f64)
}

/// What of `setAuthTokens` is the writing: the customer was seen, and one of its tokens is another.
fn written(options: &Options, large: (&Filled, &Database), small: (&Filled, &Database)) -> Result<Figure, Failure> {
    let calls = options.times(CALLS);
    let turn = |(filled, database): (&Filled, &Database), round: usize| {
        micros_of_cpu(calls, |call| {
            let said = Said {
                user_id: filled.someone(round * calls + call),
                tokens: vec![(TOKENS[0].to_owned(), SecretString::from(format!("value of round {round} and call {call}")))],
                seen: true,
                ..Said::default()
            };
            let at_ms = 2_000_000_000_000 + i64::try_from(round * calls + call)?;
            database.write_customers(|transaction| take_in(transaction, &said, SetBy::SetAuthTokens, at_ms))?;
            Ok(())
        })
    };
    let pairs = pairs(options, |round| Ok((turn(large, round)?, turn(small, round)?)))?;
    Ok(figure("customers_written", "of that, writing and committing", &pairs))
}

/// What of a run is reading its customer: the customer, and a value of each of two tokens.
fn looked_up(options: &Options, large: (&Filled, &Database), small: (&Filled, &Database)) -> Result<Figure, Failure> {
    let times = options.times(LOOK_UPS);
    let turn = |(filled, database): (&Filled, &Database), round: usize| {
        micros_of_cpu(times, |time| {
            let user_id = filled.someone(round * times + time);
            let held = database.read(|connection| {
                let Some(customer) = customers::by_user_id(connection, &user_id)? else { return Ok(0) };
                let held = filled.token_ids.iter().map(|token| customer_tokens::get(connection, customer.id, token));
                Ok(held.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().count())
            })?;
            if held == TOKENS.len() { Ok(()) } else { Err(format!("{user_id} holds {held} tokens").into()) }
        })
    };
    let pairs = pairs(options, |round| Ok((turn(large, round)?, turn(small, round)?)))?;
    Ok(figure("customers_looked_up", "of that, reading the customer and two values", &pairs))
}

/// The first page of searches that find many, one, none.
fn searches(options: &Options, large: &Filled, database: &Database) -> Result<Vec<Figure>, Failure> {
    let searches = [
        ("all", String::new()),
        ("user_ids", "user-".to_owned()),
        ("user_id", user_id(large.count / 2)),
        ("emails", "mail-00".to_owned()),
        ("names", "Name 1".to_owned()),
        ("holders", TOKENS[1].to_owned()),
        ("nobody", "nobody at all".to_owned()),
    ];
    let mut figures = Vec::new();
    for (key, beginning) in searches {
        let search = Search { beginning: beginning.clone(), seen: None };
        let mut millis = Vec::new();
        for _ in 0..options.rounds() {
            let began = Instant::now();
            database.read(|connection| customer_lists::list(connection, &search, None, 100))?;
            millis.push(began.elapsed().as_secs_f64() * 1e3);
        }
        let what = format!("searching “{beginning}” {LARGE_WORDS}, a page of 100");
        figures.push(Figure::alone(&format!("customers_search_{key}"), what, "ms", millis).aiming(SEARCH));
    }
    Ok(figures)
}

/// How much more memory the program holds after it worked with the large workspace than with the small one.
fn memory(options: &Options, large: &Filled, small: &Filled) -> Result<Figure, Failure> {
    let work = |filled: &Filled| -> Result<f64, Failure> {
        let before = resident_mib()?;
        let database = filled.database()?;
        for time in 0..options.times(LOOK_UPS) {
            let user_id = filled.someone(time);
            database.read(|connection| customers::by_user_id(connection, &user_id))?;
        }
        database.read(|connection| customer_lists::list(connection, &Search::default(), None, 200))?;
        Ok(resident_mib()? - before)
    };
    let pairs = pairs(options, |_| Ok((work(large)?, work(small)?)))?;
    let what = format!("memory that came with work {LARGE_WORDS}, more than {SMALL_WORDS}");
    Ok(Figure::alone("customers_memory", what, "MiB", pairs.iter().map(|pair| pair.0 - pair.1)).aiming(Aim::AtMost(8.0)))
}

fn figure(key: &str, what: &str, pairs: &[(f64, f64)]) -> Figure {
    let what = format!("{what}, {LARGE_WORDS}, CPU time");
    Figure::alone(key, what, "µs", pairs.iter().map(|pair| pair.0)).beside(SMALL_WORDS, pairs)
}

fn pairs(options: &Options, mut round: impl FnMut(usize) -> Result<(f64, f64), Failure>) -> Result<Vec<(f64, f64)>, Failure> {
    // The first is to get warm.
    round(0)?;
    (1..=options.rounds()).map(round).collect()
}

/// CPU time of this process for each of so many calls.
#[expect(clippy::cast_precision_loss, reason = "thousands")]
fn micros_of_cpu(times: usize, mut call: impl FnMut(usize) -> Result<(), Failure>) -> Result<f64, Failure> {
    let before = Used::by_now()?.own;
    for time in 0..times {
        call(time)?;
    }
    Ok(((Used::by_now()?.own - before) * 1e6 / times as f64).max(f64::MIN_POSITIVE))
}

fn resident_mib() -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("There is no VmRSS.")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kib / 1024.0)
}
