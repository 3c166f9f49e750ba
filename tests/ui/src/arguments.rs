//! The command line of the programs that drive the app: pairs of a name and a value, each of them needed.
use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// What was given and is not taken yet.
#[derive(Debug)]
pub struct Arguments(BTreeMap<String, String>);

impl Arguments {
    /// # Errors
    /// When a name has no value.
    pub fn read(words: impl IntoIterator<Item = String>) -> Result<Self> {
        let (mut given, mut words) = (BTreeMap::new(), words.into_iter());
        while let Some(name) = words.next() {
            let value = words.next().with_context(|| format!("{name} needs a value"))?;
            given.insert(name, value);
        }
        Ok(Self(given))
    }

    /// # Errors
    /// When it was not given.
    pub fn take(&mut self, name: &str) -> Result<String> {
        self.0.remove(name).with_context(|| format!("{name} is missing"))
    }

    /// # Errors
    /// When it was not given, or is no number.
    pub fn number<N: FromStr>(&mut self, name: &str) -> Result<N> {
        let text = self.take(name)?;
        text.parse().ok().with_context(|| format!("{name}: {text} is no number"))
    }

    /// What the file of that name has.
    ///
    /// # Errors
    /// When it was not given, cannot be read, or is not JSON.
    pub fn json(&mut self, name: &str) -> Result<Value> {
        let path = self.take(name)?;
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        serde_json::from_str(&text).with_context(|| format!("{path} is not JSON"))
    }

    /// # Errors
    /// When something was given that nobody took.
    pub fn end(self) -> Result<()> {
        match self.0.keys().next() {
            Some(unknown) => bail!("{unknown} is not known"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments> {
        Arguments::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn each_is_needed_and_nothing_else() {
        let mut given = read("--rows 7 --app x").expect("pairs");
        assert_eq!(given.number::<u64>("--rows").expect("a number"), 7);
        assert!(given.number::<u64>("--app").is_err());
        assert!(given.take("--rows").is_err(), "taken");
        assert!(read("--rows").is_err());
        assert!(read("--colour red").expect("pairs").end().is_err());
        given.end().expect("all taken");
    }
}
