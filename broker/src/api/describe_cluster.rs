//! DescribeCluster: the brokers, as this listener's clients reach them.

use std::sync::Arc;

use protocol::{
    ErrorCode,
    messages::{
        DescribeClusterRequest, DescribeClusterResponse, describe_cluster::DescribeClusterBroker,
    },
};

use super::{call::Call, operations, view::View};
use crate::{network::Order, shell::Shell};

const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;
/// The first version that can ask for another type of nodes than brokers.
const ENDPOINT_TYPES: i16 = 1;

pub(super) fn call(shell: &Arc<Shell>, call: Call, request: DescribeClusterRequest) -> Order {
    let response = match request.endpoint_type {
        BROKERS => describe(shell, &call, &request),
        CONTROLLERS => refuse(
            call.version,
            ErrorCode::MismatchedEndpointType,
            "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of \
             type CONTROLLER"
                .to_owned(),
        ),
        other => refuse(
            call.version,
            ErrorCode::UnsupportedEndpointType,
            format!("Unsupported endpoint type {other}"),
        ),
    };
    call.answer::<DescribeClusterRequest>(&shell.desk, &response);
    Order::Alone
}

fn describe(
    shell: &Shell,
    call: &Call,
    request: &DescribeClusterRequest,
) -> DescribeClusterResponse {
    let image = shell.node.image();
    let view = View { image: &image, listener: shell.desk.listener(call) };
    let wanted = view.brokers().filter(|it| !it.fenced || request.include_fenced_brokers);
    let brokers: Vec<DescribeClusterBroker> = wanted
        .map(|broker| DescribeClusterBroker {
            broker_id: broker.id,
            host: broker.host,
            port: broker.port,
            rack: broker.rack,
            // Versions without the field get no fenced broker.
            is_fenced: broker.fenced,
        })
        .collect();
    // Whoever turns to this broker for what only the controller can do is served.
    let own = shell.node.config().broker.0;
    let is_listed = brokers.iter().any(|broker| broker.broker_id == own);
    DescribeClusterResponse {
        cluster_id: shell.desk.settings.cluster_id.to_string().into(),
        controller_id: if is_listed { own } else { -1 },
        brokers,
        cluster_authorized_operations: operations::when(
            request.include_cluster_authorized_operations,
            operations::CLUSTER,
        ),
        ..DescribeClusterResponse::default()
    }
}

fn refuse(version: i16, error: ErrorCode, message: String) -> DescribeClusterResponse {
    let error = if version >= ENDPOINT_TYPES { error } else { ErrorCode::InvalidRequest };
    DescribeClusterResponse {
        error_code: error as i16,
        error_message: Some(message.into()),
        ..DescribeClusterResponse::default()
    }
}
