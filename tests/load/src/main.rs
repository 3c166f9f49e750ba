//! `miantan-load`: opens devices on a server and prints one JSON line of figures.

use clap::Parser;
use miantan_load::{Mode, Place};

/// Opens many devices over the real protocol and prints one JSON line of figures.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    mode: Mode,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let figures = miantan_load::run(&arguments.place, &arguments.mode).await?;
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory as _;
        super::Arguments::command().debug_assert();
    }
}
