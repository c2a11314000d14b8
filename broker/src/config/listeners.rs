//! Where a broker listens, for whom, and under which addresses clients find it.

use std::{collections::BTreeMap, fmt, str::FromStr};

use super::reader::Reader;

/// A host and a port, as in `broker-0.example:9092`. An empty host stands for all interfaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// A name or an IP address, without brackets.
    pub host: String,
    /// The port; 0 lets the system choose one.
    pub port: u16,
}

/// Why a text is no [`Address`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not of the form host:port")]
pub struct InvalidAddress(String);

/// One listener for clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerConfig {
    /// Its name, in capitals.
    pub name: String,
    /// What it binds to.
    pub bind: Address,
    /// What clients of this listener are told to connect to.
    pub advertised: Address,
}

/// All listeners of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listeners {
    /// For clients and other brokers.
    pub clients: Vec<ListenerConfig>,
    /// For the metadata quorum.
    pub controller: ListenerConfig,
    /// Where `/metrics`, `/livez` and `/readyz` are served; nowhere when not given.
    pub admin: Option<Address>,
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Address, InvalidAddress> {
        let invalid = || InvalidAddress(text.to_owned());
        let (host, port) = text.rsplit_once(':').ok_or_else(invalid)?;
        let port = port.parse().map_err(|_| invalid())?;
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let host = match bare {
            Some(host) => host,
            None if host.contains([':', '/', '[', ']']) => return Err(invalid()),
            None => host,
        };
        Ok(Address { host: host.to_owned(), port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            return write!(formatter, "[{}]:{}", self.host, self.port);
        }
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

impl Address {
    /// Whether two listeners cannot have both of these.
    fn collides(&self, other: &Address) -> bool {
        let share_a_host =
            self.host == other.host || is_everywhere(&self.host) || is_everywhere(&other.host);
        self.port != 0 && self.port == other.port && share_a_host
    }
}

impl Listeners {
    pub(super) fn read(reader: &mut Reader) -> Listeners {
        let bound = read_endpoints(reader, "listeners");
        let mut advertised: BTreeMap<_, _> =
            read_endpoints(reader, "advertised.listeners").into_iter().collect();
        let controller_names = reader.list("controller.listener.names");
        let mut clients = Vec::new();
        let mut controllers = Vec::new();
        for (name, bind) in bound {
            let address = advertised.remove(&name).unwrap_or_else(|| bind.clone());
            let listener = ListenerConfig { name, bind, advertised: address };
            if controller_names.contains(&listener.name) {
                controllers.push(listener);
            } else {
                check_advertised(reader, &listener);
                clients.push(listener);
            }
        }
        for name in advertised.keys() {
            let text = format!("'advertised.listeners' names {name}, which 'listeners' does not");
            reader.problem("advertised.listeners", text);
        }
        check_protocols(reader, &clients);
        check_places(reader, clients.iter().chain(&controllers));
        Listeners {
            clients: at_least_one(reader, clients),
            controller: only_one(reader, controllers),
            admin: reader.text("klamm.admin.listener").and_then(|text| admin(reader, &text)),
        }
    }
}

/// Reads `NAME://host:port,NAME://host:port`.
fn read_endpoints(reader: &mut Reader, key: &'static str) -> Vec<(String, Address)> {
    let mut endpoints: Vec<(String, Address)> = Vec::new();
    for item in reader.list(key) {
        let parsed = item
            .split_once("://")
            .and_then(|(name, address)| Some((name.to_uppercase(), address.parse().ok()?)));
        match parsed {
            Some((name, _)) if endpoints.iter().any(|(other, _)| *other == name) => {
                reader.problem(key, format!("'{key}' names {name} twice"));
            }
            Some(endpoint) => endpoints.push(endpoint),
            None => {
                reader
                    .problem(key, format!("'{key}': '{item}' is not of the form NAME://host:port"));
            }
        }
    }
    endpoints
}

/// Whether a host stands for all interfaces, and so for no address that a client could use.
fn is_everywhere(host: &str) -> bool {
    ["", "0.0.0.0", "::"].contains(&host)
}

fn check_advertised(reader: &mut Reader, listener: &ListenerConfig) {
    let host = listener.advertised.host.as_str();
    if is_everywhere(host) {
        let text = format!(
            "clients cannot connect to '{}': set an address for {} in 'advertised.listeners'",
            listener.advertised, listener.name
        );
        reader.problem("listeners", text);
    }
}

/// Two listeners cannot be bound to one port, unless their hosts are different ones.
fn check_places<'a>(reader: &mut Reader, listeners: impl Iterator<Item = &'a ListenerConfig>) {
    let mut before: Vec<&ListenerConfig> = Vec::new();
    for listener in listeners {
        if let Some(other) = before.iter().find(|other| other.bind.collides(&listener.bind)) {
            let (name, port) = (&listener.name, listener.bind.port);
            let text = format!("'listeners' has {name} listen on port {port}, as {}", other.name);
            reader.problem("listeners", text);
        }
        before.push(listener);
    }
}

/// Every listener is plaintext until TLS and SASL are built.
fn check_protocols(reader: &mut Reader, clients: &[ListenerConfig]) {
    let key = "listener.security.protocol.map";
    let map: BTreeMap<String, String> = reader
        .text(key)
        .unwrap_or_default()
        .split(',')
        .filter_map(|item| item.split_once(':'))
        .map(|(name, protocol)| (name.trim().to_uppercase(), protocol.trim().to_uppercase()))
        .collect();
    for (name, protocol) in &map {
        let is_kafkas_default = name == protocol;
        if protocol != "PLAINTEXT" && !is_kafkas_default {
            let text = format!("{name} asks for {protocol}; Klamm speaks PLAINTEXT only so far");
            reader.problem(key, text);
        }
    }
    for listener in clients {
        let protocol = map.get(&listener.name).unwrap_or(&listener.name);
        if ["SSL", "SASL_PLAINTEXT", "SASL_SSL"].contains(&protocol.as_str()) {
            let text =
                format!("{} asks for {protocol}; Klamm speaks PLAINTEXT only", listener.name);
            reader.problem("listeners", text);
        }
    }
    let inter_broker = reader.text("inter.broker.listener.name");
    if let Some(name) = inter_broker
        && !clients.iter().any(|listener| listener.name == name)
    {
        let text = format!("'inter.broker.listener.name' is {name}, which no listener is called");
        reader.problem("inter.broker.listener.name", text);
    }
}

fn at_least_one(reader: &mut Reader, clients: Vec<ListenerConfig>) -> Vec<ListenerConfig> {
    if clients.is_empty() {
        let text = "'listeners' has no listener for clients, such as PLAINTEXT://127.0.0.1:9092";
        reader.problem("listeners", text.to_owned());
    }
    clients
}

fn only_one(reader: &mut Reader, controllers: Vec<ListenerConfig>) -> ListenerConfig {
    if controllers.len() != 1 {
        let text = "'controller.listener.names' has to name exactly one of 'listeners'";
        reader.problem("controller.listener.names", text.to_owned());
    }
    controllers.into_iter().next().unwrap_or_else(|| {
        let nowhere = Address { host: String::new(), port: 0 };
        ListenerConfig { name: String::new(), bind: nowhere.clone(), advertised: nowhere }
    })
}

fn admin(reader: &mut Reader, text: &str) -> Option<Address> {
    match text.parse() {
        Ok(address) => Some(address),
        Err(error) => {
            reader.problem("klamm.admin.listener", format!("'klamm.admin.listener': {error}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        let address = |host: &str, port| Ok(Address { host: host.into(), port });
        assert_eq!("127.0.0.1:9092".parse(), address("127.0.0.1", 9092));
        assert_eq!(":9092".parse(), address("", 9092));
        assert_eq!("[::1]:9092".parse(), address("::1", 9092));
        assert!("::1:9092".parse::<Address>().is_err());
        assert!("host".parse::<Address>().is_err());
        assert!("host:70000".parse::<Address>().is_err());
        assert_eq!("[::1]:9092".parse::<Address>().unwrap().to_string(), "[::1]:9092");
    }
}
