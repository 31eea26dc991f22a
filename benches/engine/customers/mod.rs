//! A workspace of a million customers with two tokens each beside one of a thousand: what a call of the Messenger writes, what a
//! run looks up, what people search, and whether memory grows with the number of customers.

mod fill;

use std::path::Path;
use std::time::Instant;

use latchkey::customer::{Said, SetBy, take_in};
use latchkey::store::customer_lists::{self, Search};
use latchkey::store::{customer_tokens, customers};
use secrecy::SecretString;

use crate::Failure;
use crate::figures::{Aim, Figure};
use crate::machine::Used;
use crate::options::Options;
use fill::{Filled, TOKENS, user_id};

/// Customers of the large and of the small workspace.
const LARGE: usize = 1_000_000;
const SMALL: usize = 1_000;
/// Customers who call, or for whom is run, in one turn.
const CALLS: usize = 2_000;
const LOOK_UPS: usize = 20_000;
/// How far apart they are: prime, so that they come from everywhere.
const STRIDE: usize = 7_919;
/// The most CPU time to what the small workspace takes.
const RATIO: Aim = Aim::AtMost(1.3);
/// The longest that a search may take, in milliseconds.
const SEARCH: Aim = Aim::AtMost(50.0);

/// All of it.
pub fn measure(options: &Options, folder: &Path) -> Result<Vec<Figure>, Failure> {
    std::fs::create_dir(folder)?;
    let (small, large) = if options.quick { (20, 200) } else { (SMALL, LARGE) };
    let small = Filled::make(&folder.join("small"), small)?;
    let large = Filled::make(&folder.join("large"), large)?;
    let mut figures = vec![
        Figure::alone(
            "customers_fill",
            "filling the large workspace, each customer with two tokens",
            "µs",
            [large.micros_each],
        ),
        set_tokens(options, &large, &small)?,
        look_up(options, &large, &small)?,
    ];
    figures.extend(searches(options, &large)?);
    figures.push(memory(options, &large, &small)?);
    Ok(figures)
}

/// What `setAuthTokens` costs: the customer was seen, and one of its tokens is another.
fn set_tokens(options: &Options, large: &Filled, small: &Filled) -> Result<Figure, Failure> {
    let calls = options.times(CALLS);
    let turn = |filled: &Filled, round: usize| {
        micros_of_cpu(calls, |call| {
            let said = Said {
                user_id: filled.someone(round * calls + call, STRIDE),
                tokens: vec![(TOKENS[0].to_owned(), SecretString::from(format!("value of round {round} and call {call}")))],
                seen: true,
                ..Said::default()
            };
            let at_ms = 2_000_000_000_000 + i64::try_from(round * calls + call)?;
            filled.database.write_customers(|transaction| take_in(transaction, &said, SetBy::SetAuthTokens, at_ms))?;
            Ok(())
        })
    };
    let pairs = pairs(options, |round| Ok((turn(large, round)?, turn(small, round)?)))?;
    let what = "setAuthTokens among a million customers, CPU time";
    let figure = Figure::alone("customers_set_tokens", what, "µs", pairs.iter().map(|pair| pair.0));
    Ok(figure.beside("among a thousand", &pairs).aiming(RATIO))
}

/// What a run reads of its customer: the customer, and a value of each of two tokens.
fn look_up(options: &Options, large: &Filled, small: &Filled) -> Result<Figure, Failure> {
    let times = options.times(LOOK_UPS);
    let turn = |filled: &Filled, round: usize| {
        micros_of_cpu(times, |time| {
            let user_id = filled.someone(round * times + time, STRIDE);
            let held = filled.database.read(|connection| {
                let Some(customer) = customers::by_user_id(connection, &user_id)? else { return Ok(0) };
                let held = filled.token_ids.iter().map(|token| customer_tokens::get(connection, customer.id, token));
                Ok(held.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().count())
            })?;
            if held == TOKENS.len() { Ok(()) } else { Err(format!("{user_id} holds {held} tokens").into()) }
        })
    };
    let pairs = pairs(options, |round| Ok((turn(large, round)?, turn(small, round)?)))?;
    let what = "a run's look-up among a million customers, CPU time";
    let figure = Figure::alone("customers_look_up", what, "µs", pairs.iter().map(|pair| pair.0));
    Ok(figure.beside("among a thousand", &pairs).aiming(RATIO))
}

/// The first page of searches that find many, one, none; and a page far down.
fn searches(options: &Options, large: &Filled) -> Result<Vec<Figure>, Failure> {
    let one = user_id(large.count / 2);
    let searches = [
        ("all", String::new()),
        ("many_user_ids", "user-".to_owned()),
        ("one_user_id", one),
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
            large.database.read(|connection| customer_lists::list(connection, &search, None, 100))?;
            millis.push(began.elapsed().as_secs_f64() * 1e3);
        }
        let what = format!("searching “{beginning}” among a million customers, a page of 100");
        figures.push(Figure::alone(&format!("customers_search_{key}"), what, "ms", millis).aiming(SEARCH));
    }
    Ok(figures)
}

/// How much more memory the program holds after it worked with the large workspace than with the small one.
fn memory(options: &Options, large: &Filled, small: &Filled) -> Result<Figure, Failure> {
    let work = |filled: &Filled| -> Result<f64, Failure> {
        let opened = filled.again()?;
        let before = resident_mib()?;
        for time in 0..options.times(LOOK_UPS) {
            let user_id = opened.someone(time, STRIDE);
            opened.database.read(|connection| customers::by_user_id(connection, &user_id))?;
        }
        opened.database.read(|connection| customer_lists::list(connection, &Search::default(), None, 200))?;
        Ok(resident_mib()? - before)
    };
    let pairs = pairs(options, |_| Ok((work(large)?, work(small)?)))?;
    let what = "memory that came with work among a million customers, more than among a thousand";
    Ok(Figure::alone("customers_memory", what, "MiB", pairs.iter().map(|pair| pair.0 - pair.1)).aiming(Aim::AtMost(8.0)))
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
