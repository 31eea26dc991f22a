//! The gates of a run (E2): what refuses it before anything is sent.

use super::build::{Parts, parts};
use super::outcome::Ending;
use super::record::SourceType;
use super::run::Runnable;
use crate::connector::{ConnectorState, DataTransformationType, ExecutionType, ResolvedInputs, resolve_inputs};
use crate::token::Token;

/// Checks everything that can be checked without a token value: R1, R4, R5, the inputs (E10), the URL and headers, T6.
///
/// # Errors
/// The first refusal.
pub fn validate(runnable: &Runnable, tokens: &[Token]) -> Result<Parts, Ending> {
    allowed(runnable)?;
    for (position, token) in tokens.iter().enumerate() {
        let key = &token.request_header_key;
        if let Some(other) = tokens[..position].iter().find(|other| other.request_header_key.eq_ignore_ascii_case(key)) {
            return Err(configuration(
                format!("The tokens {} and {} are both sent as the header {key}.", other.name, token.name),
                "Detach one of them in Setup, or give one another header. Nothing was sent.",
            ));
        }
    }
    let inputs = inputs(runnable)?;
    let parts = parts(&runnable.config, &inputs)?;
    let host = parts.url.host_str().unwrap_or_default();
    for token in tokens {
        if !token.may_go_to(host) {
            return Err(configuration(
                format!(
                    "The token {} may only be sent to {}, and this connector asks {host}.",
                    token.name,
                    token.domain.as_deref().unwrap_or_default()
                ),
                "Correct the connector's URL, or the host in the token's settings. Nothing was sent.",
            ));
        }
    }
    Ok(parts)
}

fn allowed(runnable: &Runnable) -> Result<(), Ending> {
    let config = &runnable.config;
    if runnable.state == ConnectorState::Draft && runnable.source != SourceType::Test {
        return Err(configuration("A draft runs from Test only.", "Set the connector live to run it from other sources."));
    }
    if runnable.source == SourceType::Fin && !config.direct_fin_usage {
        return Err(configuration(
            "This connector is not set up for direct use by Fin.",
            "Switch “Fin may use it directly” on in Setup, or run it from a workflow.",
        ));
    }
    if config.execution_type == ExecutionType::ClientSide {
        return Err(configuration(
            "This connector has the execution type client_side: it runs in a customer's browser, not here.",
            "Set its execution type to server_side in Setup to run it here.",
        ));
    }
    if config.data_transformation_type == DataTransformationType::CodeBlockTransformation {
        return Err(configuration(
            "This connector has the data transformation code_block_transformation, whose code can't be run here.",
            "Choose full_access or redacted_access in Setup to run it here.",
        ));
    }
    if config.customer_authentication {
        return Err(configuration(
            "This connector asks for email verification, which this version can't carry out, so it is not run without it.",
            "Switch customer_authentication off in Setup to run it here.",
        ));
    }
    Ok(())
}

fn inputs(runnable: &Runnable) -> Result<ResolvedInputs, Ending> {
    let config = &runnable.config;
    resolve_inputs(&config.data_inputs, &runnable.inputs, config.validate_missing_attributes)
        .map_err(|fault| Ending::InputRefused { message: fault.message, next_step: fault.next_step })
}

fn configuration(message: impl Into<String>, next_step: impl Into<String>) -> Ending {
    Ending::ConfigurationRefused { message: message.into(), next_step: next_step.into() }
}
