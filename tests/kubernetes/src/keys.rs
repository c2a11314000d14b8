//! Keys and certificates of a cluster: one authority signs for all of its parts.

use crate::addresses;
use crate::folder::Folder;
use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, SanType,
};
use serde_json::json;
use std::fs;
use std::path::PathBuf;

/// The group that may do everything.
const ADMINISTRATORS: &str = "system:masters";

/// The names that the API server answers to.
const API_SERVER_NAMES: [&str; 5] = [
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
];

/// Signs for a cluster and writes down what it signed.
pub(crate) struct Keys {
    folder: PathBuf,
    authority: CertifiedIssuer<'static, KeyPair>,
}

impl Keys {
    /// Makes the authority, and what the parts of every level need.
    pub(crate) fn make(folder: &Folder) -> Result<Keys> {
        let keys = folder.keys();
        fs::create_dir_all(&keys)?;
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "klamm-test-cluster");
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        fs::write(keys.join("ca.crt"), authority.pem())?;
        fs::write(keys.join("ca.key"), authority.key().serialize_pem())?;
        let accounts = KeyPair::generate()?;
        fs::write(keys.join("accounts.key"), accounts.serialize_pem())?;
        fs::write(keys.join("accounts.pub"), accounts.public_key_pem())?;
        let made = Keys { folder: keys, authority };
        let addresses = ["127.0.0.1", "10.96.0.1", addresses::DNS];
        made.server("api-server", &[&API_SERVER_NAMES[..], &addresses[..]].concat())?;
        made.client("administrator", "administrator", ADMINISTRATORS)?;
        made.kubeconfig(&folder.kubeconfig(), "administrator")?;
        Ok(made)
    }

    /// What a node needs: to serve the API server, and to ask it.
    pub(crate) fn node(&self, folder: &Folder, node: u8) -> Result<()> {
        let name = format!("node{node}");
        self.server(&format!("{name}-server"), &[&name, &addresses::node(node)])?;
        self.client(&name, &format!("system:node:{name}"), "system:nodes")?;
        self.kubeconfig(&folder.keys().join(format!("{name}.kubeconfig")), &name)
    }

    fn server(&self, file: &str, names: &[&str]) -> Result<()> {
        let mut params = CertificateParams::default();
        for name in names {
            let address = name.parse().map(SanType::IpAddress);
            let name = address
                .or_else(|_| Ok::<_, rcgen::Error>(SanType::DnsName((*name).try_into()?)))?;
            params.subject_alt_names.push(name);
        }
        self.sign(file, params, file, "servers", ExtendedKeyUsagePurpose::ServerAuth)
    }

    fn client(&self, file: &str, user: &str, group: &str) -> Result<()> {
        let purpose = ExtendedKeyUsagePurpose::ClientAuth;
        self.sign(file, CertificateParams::default(), user, group, purpose)
    }

    fn sign(
        &self,
        file: &str,
        mut params: CertificateParams,
        name: &str,
        group: &str,
        purpose: ExtendedKeyUsagePurpose,
    ) -> Result<()> {
        params.distinguished_name.push(DnType::CommonName, name);
        params.distinguished_name.push(DnType::OrganizationName, group);
        params.extended_key_usages = vec![purpose];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.authority)?;
        fs::write(self.folder.join(format!("{file}.crt")), certificate.pem())?;
        fs::write(self.folder.join(format!("{file}.key")), key.serialize_pem())?;
        Ok(())
    }

    /// Writes how a client reaches the API server; nothing in it points elsewhere.
    fn kubeconfig(&self, path: &std::path::Path, client: &str) -> Result<()> {
        let data = |file: String| -> Result<String> {
            let bytes = fs::read(self.folder.join(&file)).with_context(|| format!("no {file}"))?;
            Ok(k8s_openapi::ByteString(bytes))
                .map(|bytes| json!(bytes))
                .map(|value| value.as_str().unwrap_or_default().to_owned())
        };
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{ "name": "test", "cluster": {
                "server": addresses::API_SERVER,
                "certificate-authority-data": data("ca.crt".to_owned())?,
            }}],
            "users": [{ "name": client, "user": {
                "client-certificate-data": data(format!("{client}.crt"))?,
                "client-key-data": data(format!("{client}.key"))?,
            }}],
            "contexts": [{ "name": "test", "context": {
                "cluster": "test", "user": client, "namespace": "default",
            }}],
            "current-context": "test",
        });
        fs::write(path, serde_json::to_vec_pretty(&config)?)?;
        Ok(())
    }
}
