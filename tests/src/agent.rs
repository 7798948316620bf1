//! One ambulance: its real agent, its receiver, and its crew at the terminal (by `docs/vehicle-terminal.md` alone).

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::Client;
use serde_json::{Value, json};

use crate::city::City;
use crate::deadline::eventually;
use crate::nmea::Receiver;
use crate::ports;
use crate::process::{Process, program};

/// The crew's presses need five seconds between each other; a busy machine some more.
const PRESS_WITHIN: Duration = Duration::from_secs(20);

/// A running agent.
pub struct Agent {
    pub process: Process,
    pub receiver: Receiver,
    terminal: String,
    client: Client,
}

impl Agent {
    /// Starts `vehicle-agent` for a unit of `city`.
    pub fn start(city: &City, unit: &str, receiver: Receiver) -> Result<Agent> {
        let port = ports::tcp()?;
        let file = format!("agents/{unit}.toml");
        city.amend(&file, |agent| {
            agent.insert("centre".into(), format!("127.0.0.1:{}", city.link_port()).into());
            agent.insert("terminal".into(), format!("127.0.0.1:{port}").into());
            agent.insert("gnss".into(), receiver.url().into());
        })?;
        let mut command = Command::new(program("vehicle-agent")?);
        command.arg("--config").arg(city.path().join(&file));
        let process = Process::start(unit, &mut command, &city.path().join(format!("{unit}.log")))?;
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
        Ok(Agent { process, receiver, terminal: format!("http://127.0.0.1:{port}"), client })
    }

    /// Where its terminal is.
    pub fn terminal(&self) -> &str {
        &self.terminal
    }

    /// What the terminal shows.
    pub async fn state(&self) -> Result<Value> {
        Ok(self
            .client
            .get(format!("{}/api/state", self.terminal))
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?)
    }

    /// Waits until the terminal shows what `seen` looks for, and gives it back.
    pub async fn sees(&self, what: &str, within: Duration, seen: impl Fn(&Value) -> bool) -> Result<Value> {
        eventually(&format!("the terminal to show {what}"), within, || async {
            let state = self.state().await?;
            if seen(&state) { Ok(Some(state)) } else { bail!("{state}") }
        })
        .await
    }

    /// The crew signs on: without one a unit is not sent.
    pub async fn sign_on(&self) -> Result<()> {
        for (name, role) in [("李强", "driver"), ("赵敏", "doctor")] {
            self.press_until_taken("/api/crew/sign-on", json!({"name": name, "role": role})).await?;
        }
        Ok(())
    }

    /// The crew presses the next step of an order.
    pub async fn press(&self, assignment: &str, stage: &str) -> Result<()> {
        self.press_until_taken("/api/press", json!({"assignment": assignment, "stage": stage})).await
    }

    /// Keeps a file of the first patient: `kind` is `ecg` or `photo`.
    pub async fn keep_file(
        &self,
        assignment: &str,
        kind: &str,
        media_type: &str,
        content: Vec<u8>,
    ) -> Result<()> {
        let url = format!("{}/api/patient/file?assignment={assignment}&kind={kind}", self.terminal);
        let answer = self.client.post(url).header("content-type", media_type).body(content).send().await?;
        let (status, said) = (answer.status(), answer.text().await?);
        anyhow::ensure!(status.is_success(), "the terminal said no: {status}: {said}");
        Ok(())
    }

    /// The terminal guards against double presses; a crew that is told to wait presses again.
    async fn press_until_taken(&self, path: &str, body: Value) -> Result<()> {
        let url = format!("{}{path}", self.terminal);
        eventually(&format!("{path} to be taken: {body}"), PRESS_WITHIN, || async {
            let answer = self.client.post(&url).json(&body).send().await?;
            let (status, said) = (answer.status(), answer.text().await?);
            if status.is_success() {
                return Ok(Some(()));
            }
            Err(anyhow::anyhow!("{status}: {said}")).context("the terminal said no")
        })
        .await
    }
}
