//! Calls to databases and stores. A body is a script of one statement or command a line; so is
//! the answer, and the first error ends it.

use anyhow::{Context, Result, anyhow, bail};
use spin_sdk::experimental::wasi::keyvalue::{atomics, batch, store};
use spin_sdk::pg::wit::postgres::{ParameterValue, self as pg};
use spin_sdk::sqlite::wit::sqlite::{Connection, QueryResult, Value};
use std::cell::OnceCell;
use std::time::Duration;

/// Runs statements on a new connection.
pub fn sql(database: &str, script: &str) -> Result<String> {
    let connection = Connection::open(database)?;
    let mut answers = Vec::new();
    for line in script.lines() {
        let (statement, parameters) = parameters(line);
        answers.push(match connection.execute(statement, &parameters) {
            Ok(result) => shown(&result),
            Err(error) => format!("error: {error}"),
        });
    }
    answers.push(format!("{} {}", connection.changes(), connection.last_insert_rowid()));
    Ok(answers.join("\n"))
}

/// What stands after `<-` is a parameter: a number or a text.
fn parameters(line: &str) -> (&str, Vec<Value>) {
    let mut parts = line.split("<-");
    let statement = parts.next().unwrap_or_default().trim();
    let value = |text: &str| match (text.trim(), text.trim().parse()) {
        ("null", _) => Value::Null,
        (_, Ok(number)) => Value::Integer(number),
        (text, Err(_)) => Value::Text(text.to_owned()),
    };
    (statement, parts.map(value).collect())
}

fn shown(result: &QueryResult) -> String {
    let rows = result.rows.iter().map(|row| format!("{:?}", row.values));
    format!("{:?} {}", result.columns, rows.collect::<Vec<_>>().join(""))
}

/// Runs statements, and keeps the connection for a while after them.
pub async fn sql_hold(script: &str, time: Duration) -> Result<String> {
    let connection = Connection::open("default")?;
    for statement in script.lines() {
        connection.execute(statement, &[])?;
    }
    spin_sdk::time::sleep(time).await;
    Ok("held".to_owned())
}

/// Runs statements with the asynchronous functions.
pub async fn sql_async(script: &str) -> Result<String> {
    let connection = spin_sdk::sqlite::Connection::open_default().await?;
    let mut answers = Vec::new();
    for statement in script.lines() {
        let mut result = connection.execute(statement, []).await?;
        let mut answer = format!("{:?} ", result.columns());
        while let Some(row) = result.next().await {
            answer.push_str(&format!("{row:?}"));
        }
        result.result().await?;
        answers.push(answer);
    }
    answers.push(format!("{}", connection.changes().await));
    Ok(answers.join("\n"))
}

/// Opens connections until one fails.
pub fn sql_handles(count: usize) -> Result<String> {
    let mut open = Vec::new();
    for _ in 0..count {
        open.push(Connection::open("default").with_context(|| format!("after {}", open.len()))?);
    }
    Ok(open.len().to_string())
}

/// Inserts a row and selects 20, on a connection that the instance keeps.
pub fn bench_sql() -> Result<String> {
    thread_local!(static CONNECTION: OnceCell<Connection> = const { OnceCell::new() });
    CONNECTION.with(|cell| {
        if cell.get().is_none() {
            let connection = Connection::open("default")?;
            for statement in [
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = NORMAL",
                "PRAGMA busy_timeout = 5000",
                "CREATE TABLE IF NOT EXISTS bench (id INTEGER PRIMARY KEY, text TEXT)",
            ] {
                connection.execute(statement, &[])?;
            }
            let _ = cell.set(connection);
        }
        let connection = cell.get().context("a connection")?;
        let text = [Value::Text("some text of a row".to_owned())];
        connection.execute("INSERT INTO bench (text) VALUES (?)", &text)?;
        let select = "SELECT id, text FROM bench ORDER BY id DESC LIMIT 20";
        Ok(connection.execute(select, &[])?.rows.len().to_string())
    })
}

/// Runs commands such as `set a 1`, `get a`, `increment n 5`, `keys`.
pub fn key_value(label: &str, script: &str) -> Result<String> {
    let bucket = store::open(label).map_err(|error| anyhow!("{error:?}"))?;
    let mut answers = Vec::new();
    for line in script.lines() {
        let words: Vec<_> = line.split(' ').collect();
        let answer = key_value_command(&bucket, &words);
        answers.push(answer.map_err(|error| anyhow!("{error:?}"))?);
    }
    Ok(answers.join("\n"))
}

fn key_value_command(bucket: &store::Bucket, words: &[&str]) -> Result<String, store::Error> {
    let text = |value: Option<Vec<u8>>| {
        value.map_or("none".to_owned(), |value| String::from_utf8_lossy(&value).into_owned())
    };
    let number = |text: &str| text.parse().unwrap_or(1);
    Ok(match words {
        ["get", key] => text(bucket.get(key)?),
        ["set", key, value] => format!("{:?}", bucket.set(key, value.as_bytes())?),
        ["delete", key] => format!("{:?}", bucket.delete(key)?),
        ["exists", key] => bucket.exists(key)?.to_string(),
        ["keys"] => {
            let mut keys = bucket.list_keys(None)?.keys;
            keys.sort();
            keys.join(",")
        }
        ["many", keys @ ..] => {
            let keys: Vec<_> = keys.iter().map(|&key| key.to_owned()).collect();
            let pairs = batch::get_many(bucket, &keys)?;
            let pairs = pairs.into_iter().map(|(key, value)| format!("{key}={}", text(value)));
            pairs.collect::<Vec<_>>().join(",")
        }
        ["increment", key, delta] => atomics::increment(bucket, key, number(delta))?.to_string(),
        ["swap", key, expected, value] => {
            let cas = atomics::Cas::new(bucket, key)?;
            let current = text(cas.current()?);
            if current != *expected {
                return Ok(format!("it is {current}"));
            }
            format!("{}", atomics::swap(cas, value.as_bytes()).is_ok())
        }
        _ => "no such command".to_owned(),
    })
}

/// The first line is an address, the others are statements.
pub fn postgres(script: &str) -> Result<String> {
    let mut lines = script.lines();
    let connection = pg::Connection::open(lines.next().context("an address")?)?;
    let mut answers = Vec::new();
    for line in lines {
        let (statement, parameters) = pg_parameters(line)?;
        answers.push(match connection.query(statement, &parameters) {
            Ok(rows) => format!("{:?}", rows.rows),
            Err(error) => format!("error: {error:?}"),
        });
    }
    Ok(answers.join("\n"))
}

/// The first line is an address, the second a statement; the others are the certificate that vouches for the server.
pub async fn postgres_with_root(script: &str) -> Result<String> {
    let mut parts = script.splitn(3, '\n');
    let builder = pg::ConnectionBuilder::new(parts.next().context("an address")?);
    let statement = parts.next().context("a statement")?;
    builder.set_ca_root(parts.next().context("a certificate")?)?;
    let connection = builder.build_async().await?;
    Ok(format!("{:?}", connection.query(statement, &[])?.rows))
}

/// The same with the asynchronous functions.
pub async fn postgres_async(script: &str) -> Result<String> {
    let mut lines = script.lines();
    let connection = spin_sdk::pg::Connection::open(lines.next().context("an address")?).await?;
    let mut answers = Vec::new();
    for statement in lines {
        let mut result = connection.query(statement, []).await?;
        let mut rows = Vec::new();
        while let Some(row) = result.next().await {
            rows.push(format!("{:?}", row[0]));
        }
        result.result().await?;
        answers.push(format!("{rows:?}"));
    }
    Ok(answers.join("\n"))
}

fn pg_parameters(line: &str) -> Result<(&str, Vec<ParameterValue>)> {
    let mut parts = line.split("<-");
    let statement = parts.next().unwrap_or_default().trim();
    let mut parameters = Vec::new();
    for part in parts {
        let (kind, text) = part.trim().split_once(' ').unwrap_or((part.trim(), ""));
        parameters.push(match kind {
            "bool" => ParameterValue::Boolean(text == "true"),
            "int16" => ParameterValue::Int16(text.parse()?),
            "int32" => ParameterValue::Int32(text.parse()?),
            "int64" => ParameterValue::Int64(text.parse()?),
            "float64" => ParameterValue::Floating64(text.parse()?),
            "str" => ParameterValue::Str(text.to_owned()),
            "binary" => ParameterValue::Binary(text.as_bytes().to_vec()),
            "uuid" => ParameterValue::Uuid(text.to_owned()),
            "jsonb" => ParameterValue::Jsonb(text.as_bytes().to_vec()),
            "datetime" => ParameterValue::Datetime((2025, 12, 31, 23, 59, 58, 123_456_000)),
            "null" => ParameterValue::DbNull,
            other => bail!("no such type: {other}"),
        });
    }
    Ok((statement, parameters))
}

/// The first line is an address, the others are commands.
pub async fn redis(script: &str) -> Result<String> {
    use spin_sdk::redis::{Connection, RedisParameter};
    let mut lines = script.lines();
    let connection = Connection::open(lines.next().context("an address")?).await?;
    let mut answers = Vec::new();
    for line in lines {
        let mut words = line.split(' ');
        let command = words.next().unwrap_or_default();
        let arguments = words.map(|word| RedisParameter::Binary(word.as_bytes().to_vec()));
        let answer = connection.execute(command, arguments.collect::<Vec<_>>()).await;
        answers.push(format!("{answer:?}"));
    }
    Ok(answers.join("\n"))
}
