//! The servers that a connection text names, each for itself, so that all are tried at once: one that is silent must not keep the one
//! that leads waiting.

use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, TargetSessionAttrs};

/// One configuration for each server, which takes it only while it accepts writes.
pub(super) fn each(config: &Config) -> Vec<Config> {
    let count = config.get_hosts().len().max(config.get_hostaddrs().len());
    // Without a host the library says best what is missing.
    let each = (0..count).map(|at| {
        let mut single = like(config);
        match config.get_hosts().get(at) {
            Some(Host::Tcp(name)) => _ = single.host(name),
            Some(Host::Unix(folder)) => _ = single.host_path(folder),
            None => {}
        }
        if let Some(address) = config.get_hostaddrs().get(at) {
            single.hostaddr(*address);
        }
        if let Some(port) = config.get_ports().get(at).or_else(|| config.get_ports().first()) {
            single.port(*port);
        }
        single
    });
    if count == 0 { vec![config.clone()] } else { each.collect() }
}

/// Everything but the servers.
fn like(config: &Config) -> Config {
    let mut it = Config::new();
    it.target_session_attrs(TargetSessionAttrs::ReadWrite);
    it.application_name(config.get_application_name().unwrap_or("dispatchd"));
    it.ssl_mode(config.get_ssl_mode());
    it.channel_binding(config.get_channel_binding());
    it.keepalives(config.get_keepalives());
    it.keepalives_idle(config.get_keepalives_idle());
    it.tcp_user_timeout(config.get_tcp_user_timeout().copied().unwrap_or(UNACKNOWLEDGED_MAX));
    it.connect_timeout(config.get_connect_timeout().copied().unwrap_or(CONNECT_MAX));
    if let Some(user) = config.get_user() {
        it.user(user);
    }
    if let Some(password) = config.get_password() {
        it.password(password);
    }
    if let Some(name) = config.get_dbname() {
        it.dbname(name);
    }
    if let Some(options) = config.get_options() {
        it.options(options);
    }
    it
}

/// What was sent and not acknowledged for so long ends the connection.
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(3);
/// A server that takes no connection for so long is away.
const CONNECT_MAX: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_is_tried_with_what_belongs_to_it() {
        let config: Config = "postgresql://jichi:secret@one:5433,two:5434/centre".parse().unwrap();
        let each = each(&config);
        let (hosts, ports): (Vec<_>, Vec<_>) =
            each.iter().map(|it| (it.get_hosts().to_vec(), it.get_ports().to_vec())).unzip();
        assert_eq!(hosts, [[Host::Tcp("one".to_owned())], [Host::Tcp("two".to_owned())]]);
        assert_eq!(ports, [[5433], [5434]]);
        for single in &each {
            assert_eq!((single.get_user(), single.get_dbname()), (Some("jichi"), Some("centre")));
            assert_eq!(single.get_password(), Some(&b"secret"[..]));
            assert_eq!(single.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        }
        let one_port: Config = "host=one,two port=5433 user=jichi".parse().unwrap();
        assert!(super::each(&one_port).iter().all(|it| it.get_ports() == [5433]));
    }
}
