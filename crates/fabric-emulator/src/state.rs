//! Everything one emulator holds behind its lock, and how a request passes through it.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use uuid::Uuid;

use crate::call::{Call, Query};
use crate::clock::{Clock, Moment};
use crate::faults::{FaultKind, FaultRules, OperationFault, Target};
use crate::operations;
use crate::record::{RequestLog, RequestRecord};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::route::{self, Parameters, Route};
use crate::services::{self, Memory, Service};
use crate::settings::Settings;
use crate::throttle::{self, Throttle};
use crate::token;
use crate::world::World;
use crate::world::defaults;
use crate::world::document;
use crate::world::log::Log;

/// An hour after an operation has completed nobody asks for it any more.
const OPERATION_KEPT: Duration = Duration::from_secs(60 * 60);

/// The whole of one emulator.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) faults: FaultRules,
    pub(crate) throttle: Throttle,
    pub(crate) requests: RequestLog,
    pub(crate) memory: Memory,
    /// Where each service listens: scheme, host and port.
    pub(crate) places: BTreeMap<Service, String>,
    pub(crate) log: Option<Log>,
}

/// A request, read completely.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) origin: String,
}

/// What becomes of the connection and the answer.
#[derive(Debug)]
pub(crate) enum Fate<A> {
    Answered(A),
    /// Only half of the answer's body arrives.
    Truncated(A),
    /// The connection closes without an answer.
    Lost,
    /// The connection is reset without an answer.
    Reset,
}

impl<A> Fate<A> {
    /// The same fate for another form of the answer.
    pub(crate) fn map<B>(self, change: impl FnOnce(A) -> B) -> Fate<B> {
        match self {
            Self::Answered(answer) => Fate::Answered(change(answer)),
            Self::Truncated(answer) => Fate::Truncated(change(answer)),
            Self::Lost => Fate::Lost,
            Self::Reset => Fate::Reset,
        }
    }
}

/// An answer and its request's id.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) request_id: Uuid,
    pub(crate) outcome: Result<Reply, Refusal>,
    pub(crate) foreign_operation_host: Option<String>,
}

type Found = Result<(&'static Route, Parameters), Refusal>;

impl State {
    /// What befalls the request; asked once per request, before it is carried out.
    pub(crate) fn strike(&mut self, service: Service, request: &Request) -> Option<FaultKind> {
        if service != Service::Fabric {
            return self.faults.strike(services::operation_of(service, request));
        }
        let route = route::find(&request.method, &request.path).ok().map(|(route, _)| route);
        self.faults.strike(Target {
            service,
            method: &request.method,
            path: &request.path,
            template: route.map(|route| route.template.as_ref()),
            operation: route.map(|route| route.operation),
        })
    }

    /// Carries the request of the Fabric API out, under the fault that befell it.
    pub(crate) fn handle(&mut self, request: &Request, fault: Option<&FaultKind>) -> Fate<Answered> {
        let request_id = Uuid::new_v4();
        let found = route::find(&request.method, &request.path);
        let route = found.as_ref().ok().map(|(route, _)| *route);
        let now = self.clock.now();
        let header = request.headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let caller = token::authenticate(&self.world, header, now);
        let principal = caller.as_ref().ok().map(|caller| caller.id);

        let is_lost_before = matches!(fault, Some(FaultKind::LostBefore | FaultKind::Reset));
        let outcome = if is_lost_before {
            None
        } else {
            let carried_out = caller.and_then(|caller| self.carry_out(request, found, caller, fault));
            Some(self.keep(carried_out))
        };
        let fate = match (outcome, fault) {
            (None, Some(FaultKind::Reset)) => Fate::Reset,
            (None, _) | (Some(_), Some(FaultKind::AppliedThenLost)) => Fate::Lost,
            (Some(outcome), fault) => {
                let foreign_operation_host = self.settings.foreign_operation_host.clone();
                let answered = Answered { request_id, outcome, foreign_operation_host };
                if matches!(fault, Some(FaultKind::Truncated)) {
                    Fate::Truncated(answered)
                } else {
                    Fate::Answered(answered)
                }
            }
        };
        self.record(request, route, principal, request_id, &fate, fault);
        fate
    }

    fn carry_out(
        &mut self,
        request: &Request,
        found: Found,
        caller: token::Caller,
        fault: Option<&FaultKind>,
    ) -> Result<Reply, Refusal> {
        let now = self.catch_up();
        let (route, parameters) = found?;
        match fault {
            Some(FaultKind::Status(status)) if !status.applied => return Err(status_refusal(status)),
            Some(FaultKind::Throttled(throttled)) if !throttled.applied => {
                return Err(throttle::blocked(now, throttled.seconds));
            }
            _ => {}
        }
        if let Some(budget) = self.settings.throttle_budget {
            self.throttle.admit(caller.id, route.api_class, now, budget, self.settings.throttle_window)?;
        }
        let mut call = Call {
            world: &mut self.world,
            settings: &self.settings,
            now,
            caller,
            route,
            parameters,
            query: Query::parse(request.query.as_deref()),
            path: request.path.clone(),
            origin: request.origin.clone(),
            body: request.body.clone(),
            fault: operation_fault(fault),
        };
        if let Some(role) = route.min_role {
            call.require(role)?;
        }
        let outcome = (route.handler)(&mut call);
        match fault {
            Some(FaultKind::Status(status)) => Err(status_refusal(status)),
            Some(FaultKind::Throttled(throttled)) => Err(throttle::blocked(now, throttled.seconds)),
            _ => outcome,
        }
    }

    /// Lets everything happen that is due, and tells the time.
    fn catch_up(&mut self) -> Moment {
        let now = self.clock.now();
        operations::complete_due(&mut self.world, &self.settings, now);
        now
    }

    /// The world as a document, as it is now.
    pub(crate) fn world_document(&mut self) -> Value {
        self.catch_up();
        document::write(&self.world)
    }

    /// Writes down what changed, before anybody hears of it.
    fn keep(&mut self, outcome: Result<Reply, Refusal>) -> Result<Reply, Refusal> {
        let horizon = self.clock.now() - crate::clock::micros(OPERATION_KEPT);
        self.world.forget_operations_before(horizon);
        self.world.collect_garbage();
        self.write_changes().map_or_else(Err, |()| outcome)
    }

    /// Appends what changed to the log, where there is one.
    pub(crate) fn write_changes(&mut self) -> Result<(), Refusal> {
        let Some(log) = &mut self.log else { return Ok(()) };
        log.append(&mut self.world, self.clock.offset()).map_err(|error| {
            tracing::error!(%error, "the emulator cannot keep its world");
            Refusal::new(http::StatusCode::INTERNAL_SERVER_ERROR, "UnknownError", error.to_string())
        })
    }

    /// Puts another world in the place of this one, and starts over with everything that depends on it.
    pub(crate) fn replace_world(&mut self, world: World) -> Result<(), Refusal> {
        self.world = world;
        self.throttle.clear();
        let Some(log) = &mut self.log else { return Ok(()) };
        log.rewrite(&self.world)
            .map_err(|error| Refusal::new(http::StatusCode::INTERNAL_SERVER_ERROR, "UnknownError", error.to_string()))
    }

    /// The default world, no faults, no requests; settings and clock stay.
    pub(crate) fn reset(&mut self) -> Result<(), Refusal> {
        self.faults.replace(Vec::new());
        self.requests.clear();
        self.memory = Memory::default();
        self.replace_world(defaults::world())
    }

    fn record(
        &mut self,
        request: &Request,
        route: Option<&Route>,
        principal: Option<Uuid>,
        request_id: Uuid,
        fate: &Fate<Answered>,
        fault: Option<&FaultKind>,
    ) {
        let outcome = match fate {
            Fate::Answered(answered) | Fate::Truncated(answered) => Some(&answered.outcome),
            Fate::Lost | Fate::Reset => None,
        };
        self.requests.push(RequestRecord {
            route: route.map(|route| route.template.to_string()),
            operation: route.map(|route| route.operation.to_owned()),
            status: outcome.map(|outcome| match outcome {
                Ok(reply) => reply.status.as_u16(),
                Err(refusal) => refusal.status.as_u16(),
            }),
            error_code: outcome.and_then(|outcome| outcome.as_ref().err()).map(|refusal| refusal.code.clone()),
            principal,
            mutating: route.is_some_and(|route| route.mutating),
            ..RequestRecord::of(Service::Fabric, request, request_id, fault)
        });
    }
}

fn operation_fault(fault: Option<&FaultKind>) -> Option<OperationFault> {
    match fault {
        Some(FaultKind::LroFailed { error_code }) => Some(OperationFault::Failed(error_code.clone())),
        Some(FaultKind::LroNever) => Some(OperationFault::Never),
        Some(FaultKind::ImportPartly(partly)) => Some(OperationFault::Partly(*partly)),
        _ => None,
    }
}

fn status_refusal(fault: &crate::faults::StatusFault) -> Refusal {
    let status = http::StatusCode::from_u16(fault.code).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let code = fault.error_code.as_deref().unwrap_or(match fault.code {
        400 => "BadRequest",
        401 => "TokenExpired",
        403 => "InsufficientPrivileges",
        404 => "EntityNotFound",
        409 => "EntityConflict",
        429 => "RequestBlocked",
        _ => "UnknownError",
    });
    let mut refusal = Refusal::new(status, code, "An unexpected error occurred while processing the request");
    refusal.retriable = fault.code == 429 || fault.code >= 500;
    refusal.retry_after = fault.retry_after;
    refusal
}
