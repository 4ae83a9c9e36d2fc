//! How a connection is had: from an address, from what sentinels tell, or from a cluster.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ErrorKind, IntoConnectionInfo as _, RedisConnectionInfo, RedisError,
    RedisResult, TlsCertificates,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};

use super::failure::Failure;
use super::link::Connection;
use super::settings::{Address, BadRedisSettings, Mode, RedisSettings, Tls};

/// A connection is there within this time, or it is given up.
pub(super) const CONNECTED_WITHIN: Duration = Duration::from_secs(2);

/// A sentinel tells within this time, or the next is asked.
const TOLD_WITHIN: Duration = Duration::from_millis(500);

/// How many requests may wait for being written before callers do.
const WAITING: usize = 512;

/// Where connections are had.
#[derive(Debug)]
pub(super) struct Place {
    settings: RedisSettings,
    addresses: Vec<Address>,
    cluster: Option<ClusterClient>,
    turn: AtomicUsize,
}

impl Place {
    /// Asks nobody.
    pub(super) fn new(settings: RedisSettings) -> Result<Self, BadRedisSettings> {
        let addresses = settings.parsed_addresses()?;
        settings.tls.checked()?;
        // Who comes first decides, and whoever it is decides well.
        let _ = CryptoProvider::install_default(aws_lc_rs::default_provider());
        let mut place = Self { settings, addresses, cluster: None, turn: AtomicUsize::new(0) };
        if place.settings.mode == Mode::Cluster {
            place.cluster = Some(place.cluster().map_err(|error| BadRedisSettings::Client(error.to_string()))?);
        }
        Ok(place)
    }

    /// A connection to who takes writes.
    pub(super) async fn connect(&self) -> Result<Connection, Failure> {
        match &self.cluster {
            Some(cluster) => Ok(Connection::Cluster(Box::new(cluster.get_async_connection().await?))),
            None => Ok(Connection::Node(
                self.primary().await?.get_multiplexed_async_connection_with_config(&config()).await?,
            )),
        }
    }

    /// Who hears of changes: any server of a cluster, else the one that takes writes.
    pub(super) async fn announcer(&self) -> Result<Client, Failure> {
        match self.settings.mode {
            Mode::Cluster => Ok(self.client(self.next()?, self.credentials())?),
            Mode::Single | Mode::Sentinel { .. } => self.primary().await,
        }
    }

    async fn primary(&self) -> Result<Client, Failure> {
        match &self.settings.mode {
            Mode::Single | Mode::Cluster => Ok(self.client(self.next()?, self.credentials())?),
            Mode::Sentinel { master } => {
                let told = self.told_by_sentinels(master).await?;
                Ok(self.client(&told, self.credentials())?)
            }
        }
    }

    /// The next address, by turns: what failed once is not asked twice in a row where there are others.
    fn next(&self) -> Result<&Address, Failure> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.addresses.len().max(1);
        self.addresses.get(turn).ok_or_else(|| Failure::lost("there is no address"))
    }

    /// Who takes writes, says the first sentinel that knows.
    async fn told_by_sentinels(&self, master: &str) -> Result<Address, Failure> {
        let mut last = Failure::lost("no sentinel answers");
        for _ in &self.addresses {
            match tokio::time::timeout(TOLD_WITHIN, self.told_by(self.next()?, master)).await {
                Ok(Ok(address)) => return Ok(address),
                Ok(Err(error)) => last = error.into(),
                Err(_) => {}
            }
        }
        Err(last)
    }

    async fn told_by(&self, sentinel: &Address, master: &str) -> RedisResult<Address> {
        match self.asked(sentinel, RedisConnectionInfo::default(), master).await {
            // Sentinels may ask for the credentials too. Where they don't, they would refuse them.
            Err(error) if error.code() == Some("NOAUTH") => self.asked(sentinel, self.credentials(), master).await,
            other => other,
        }
    }

    async fn asked(&self, sentinel: &Address, redis: RedisConnectionInfo, master: &str) -> RedisResult<Address> {
        let redis = redis.set_skip_set_lib_name();
        let client = self.client(sentinel, redis)?;
        let mut connection = client.get_multiplexed_async_connection_with_config(&config()).await?;
        let mut command = redis::cmd("SENTINEL");
        command.arg("GET-MASTER-ADDR-BY-NAME").arg(master);
        let told: Option<(String, u16)> = command.query_async(&mut connection).await?;
        let unknown = || RedisError::from((ErrorKind::MasterNameNotFoundBySentinel, "unknown name"));
        told.map(|(host, port)| Address { host, port }).ok_or_else(unknown)
    }

    fn credentials(&self) -> RedisConnectionInfo {
        let mut redis = RedisConnectionInfo::default().set_skip_set_lib_name();
        if let Some(username) = &self.settings.username {
            redis = redis.set_username(username);
        }
        match &self.settings.password {
            Some(password) => redis.set_password(password),
            None => redis,
        }
    }

    fn client(&self, address: &Address, redis: RedisConnectionInfo) -> RedisResult<Client> {
        let Address { host, port } = address.clone();
        let info = (host.clone(), port).into_connection_info()?.set_redis_settings(redis);
        match self.certificates() {
            None => Client::open(info),
            Some(certificates) => {
                let address = ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None };
                Client::build_with_tls(info.set_addr(address), certificates)
            }
        }
    }

    fn certificates(&self) -> Option<TlsCertificates> {
        match &self.settings.tls {
            Tls::Off => None,
            Tls::Public => Some(TlsCertificates { client_tls: None, root_cert: None }),
            Tls::Own(pem) => Some(TlsCertificates { client_tls: None, root_cert: Some(pem.clone()) }),
        }
    }

    fn cluster(&self) -> RedisResult<ClusterClient> {
        let clients: RedisResult<Vec<_>> =
            self.addresses.iter().map(|address| self.client(address, self.credentials())).collect();
        let nodes: Vec<_> = clients?.iter().map(|client| client.get_connection_info().clone()).collect();
        let builder = ClusterClientBuilder::new(nodes)
            .connection_timeout(CONNECTED_WITHIN)
            .response_timeout(self.settings.timeout)
            .retries(2)
            .min_retry_wait(5)
            .max_retry_wait(50);
        match self.certificates() {
            None => builder,
            Some(certificates) => builder.certs(certificates),
        }
        .build()
    }
}

/// Answers are waited for by those who ask, each as long as it may.
fn config() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECTED_WITHIN))
        .set_response_timeout(None)
        .set_pipeline_buffer_size(WAITING)
}
