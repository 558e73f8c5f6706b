//! How a request to a service finds its route, suffers its fault, and goes on record.

use http::{Method, StatusCode};
use uuid::Uuid;

use super::{Definition, Refused, Service, ServiceCall, ServiceReply, ServiceRoute};
use crate::call::Query;
use crate::faults::{FaultKind, StatusFault, Target};
use crate::record::RequestRecord;
use crate::route::{self, Parameters};
use crate::state::{Fate, Request, State};

/// What a fault may aim at.
pub(crate) fn operation_of<'a>(service: Service, request: &'a Request) -> Target<'a> {
    let found = service.definition().and_then(|definition| find(definition, &request.method, &request.path));
    let route = found.map(|(route, _)| route);
    Target {
        service,
        method: &request.method,
        path: &request.path,
        template: route.map(|route| route.template),
        operation: route.map(|route| route.operation),
    }
}

/// Carries the request out, under the fault that befell it.
pub(crate) fn handle(
    state: &mut State,
    service: Service,
    request: &Request,
    fault: Option<&FaultKind>,
) -> Fate<ServiceReply> {
    let Some(definition) = service.definition() else {
        return Fate::Answered(ServiceReply::empty(StatusCode::NOT_FOUND));
    };
    let request_id = Uuid::new_v4();
    let found = find(definition, &request.method, &request.path);
    let (route, parameters) = found.map_or((None, Parameters::default()), |(route, found)| (Some(route), found));
    let mut principal = None;
    let reply = if matches!(fault, Some(FaultKind::LostBefore | FaultKind::Reset)) {
        None
    } else {
        let now = state.clock.now();
        let mut call = ServiceCall {
            request,
            request_id,
            parameters,
            query: Query::parse(request.query.as_deref()),
            now,
            world: &mut state.world,
            settings: &state.settings,
            memory: &mut state.memory,
            places: &state.places,
            fault,
            principal: None,
        };
        let outcome = carry_out(route, &mut call, fault);
        let reply = outcome.unwrap_or_else(|refused| (definition.word)(&refused, &call));
        principal = call.principal;
        let kept = state.write_changes().map(|()| reply);
        Some(kept.unwrap_or_else(|_| ServiceReply::empty(StatusCode::INTERNAL_SERVER_ERROR)))
    };
    let heard = reply.as_ref().filter(|_| !matches!(fault, Some(FaultKind::AppliedThenLost)));
    state.requests.push(RequestRecord {
        route: route.map(|route| route.template.to_owned()),
        operation: route.map(|route| route.operation.to_owned()),
        status: heard.map(|reply| reply.status.as_u16()),
        error_code: heard.and_then(|reply| reply.error_code.clone()),
        principal,
        mutating: route.is_some_and(|route| route.mutating),
        ..RequestRecord::of(service, request, request_id, fault)
    });
    match (reply, fault) {
        (None, Some(FaultKind::Reset)) => Fate::Reset,
        (None, _) | (Some(_), Some(FaultKind::AppliedThenLost)) => Fate::Lost,
        (Some(reply), Some(FaultKind::Truncated)) => Fate::Truncated(reply),
        (Some(reply), _) => Fate::Answered(reply),
    }
}

fn carry_out(
    route: Option<&'static ServiceRoute>,
    call: &mut ServiceCall<'_>,
    fault: Option<&FaultKind>,
) -> Result<ServiceReply, Refused> {
    let inflicted = fault.and_then(inflicted);
    if let Some((refused, false)) = inflicted {
        return Err(refused);
    }
    let unknown =
        || Refused::because(StatusCode::NOT_FOUND, None, "The emulator has no such endpoint".to_owned(), None);
    let outcome = (route.ok_or_else(unknown)?.handler)(call);
    match inflicted {
        Some((refused, _)) => Err(refused),
        None => outcome,
    }
}

/// The refusal that a fault inflicts, and whether the request takes effect all the same.
fn inflicted(fault: &FaultKind) -> Option<(Refused, bool)> {
    match fault {
        FaultKind::Status(StatusFault { code, applied, error_code, retry_after }) => {
            let status = StatusCode::from_u16(*code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let message = "The request failed because a fault was inflicted on it".to_owned();
            Some((Refused::because(status, error_code.clone(), message, *retry_after), *applied))
        }
        FaultKind::Throttled(throttled) => {
            let message = "Too many requests".to_owned();
            let refused = Refused::because(StatusCode::TOO_MANY_REQUESTS, None, message, Some(throttled.seconds));
            Some((refused, throttled.applied))
        }
        _ => None,
    }
}

fn find(definition: &'static Definition, method: &Method, path: &str) -> Option<(&'static ServiceRoute, Parameters)> {
    let segments: Vec<String> = route::segments(path);
    let of_method = definition.routes.iter().filter(|route| route.method == *method);
    of_method.filter_map(|route| Some((route, route::capture(route.template, &segments)?))).next()
}
