//! The ServiceAccount of the brokers. They never speak to the API server, so it carries no token.

use k8s_openapi::api::core::v1::ServiceAccount;

use super::Blueprint;

pub(crate) fn account(blueprint: &Blueprint<'_>) -> ServiceAccount {
    ServiceAccount {
        metadata: blueprint.owned(blueprint.name().to_owned()),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    }
}
