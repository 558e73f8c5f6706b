//! `deploy`: plan, apply, verify.

use std::sync::Arc;

use fabric_deploy::desired::DesiredState;
use fabric_deploy::diagnostic::Diagnostics;
use fabric_deploy::execute::{self, ExecuteOptions, Execution, Verification};
use fabric_deploy::plan::{Plan, PlanInputs, SavedPlan};
use fabric_deploy::report::Report;
use fabric_deploy::transaction::Settings;
use fabric_flags::Feature;
use fabric_txn::OnFailure;

use super::transactional::{self, Forward};
use super::{Context, plan};
use crate::arguments::{AfterFailure, DeployArguments, Verify};
use crate::audit::{self, Audit};
use crate::connect::{self, Connection};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layers::{self, LeaseGuard};
use crate::ledger::{self, Ledger};
use crate::render::{self, Document};
use crate::{inputs, interrupt, settings, telemetry};

pub(super) async fn run(arguments: &DeployArguments, context: &Context) -> Result<Exit, Failure> {
    let saved = arguments.plan.as_deref().map(SavedPlan::read).transpose()?;
    let inputs = match &saved {
        Some(saved) => saved.inputs.clone(),
        None => {
            let strategy = settings::strategy(arguments.strategy, &context.environment)?;
            inputs::plan_inputs(&arguments.input, arguments.prune, strategy)
        }
    };
    let loaded = match inputs::load_with_secrets(&inputs, context).await {
        Err(Failure::Input(diagnostics)) if !arguments.dry_run => {
            if let Some(settings) = inputs::product_settings(&inputs, &context.environment) {
                audit::refused(&settings, &diagnostics, &context.environment);
            }
            return Err(Failure::Input(diagnostics));
        }
        loaded => loaded?,
    };
    let guard = LeaseGuard::default();
    let connection = match context.flags.is_on(Feature::Rollback) {
        true => connect::connect_leased(context, &guard).await?,
        false => connect::connect(context).await?,
    };
    let loaded = connection.complete(loaded, &inputs, context).await?;
    let (desired, settings) = (Arc::new(loaded.desired), loaded.settings);
    let audit =
        settings.as_ref().filter(|_| !arguments.dry_run).and_then(|settings| Audit::of(settings, &context.environment));
    let rollback_on_error = settings.and_then(|settings| settings.rollback_on_error);
    let findings = loaded.findings;
    let deployment =
        Deployment { arguments, context, saved, inputs, desired, findings, connection, audit, rollback_on_error };
    if arguments.dry_run {
        let (_, _, plan) = deployment.plan().await?;
        return plan::show(&plan, "deploy", deployment.findings, Exit::Success, context);
    }
    if context.flags.is_on(Feature::Rollback) {
        deployment.all_or_nothing(&guard).await
    } else {
        deployment.step_by_step().await
    }
}

struct Deployment<'a> {
    arguments: &'a DeployArguments,
    context: &'a Context,
    saved: Option<SavedPlan>,
    inputs: PlanInputs,
    desired: Arc<DesiredState>,
    findings: Diagnostics,
    connection: Connection,
    audit: Option<Audit>,
    /// What the product configuration says about it.
    rollback_on_error: Option<bool>,
}

impl Deployment<'_> {
    async fn plan(&self) -> Result<plan::Made, Failure> {
        let made = plan::make(&self.connection.client, &self.desired, &self.inputs, self.context).await?;
        if let Some(saved) = &self.saved {
            let (desired, actual, plan) = &made;
            saved.check(plan, desired, actual)?;
        }
        Ok(made)
    }

    /// Under a lease and with a journal. What was there is read after the lease is taken: nobody else deploys between.
    async fn all_or_nothing(&self, guard: &LeaseGuard) -> Result<Exit, Failure> {
        let client = &self.connection.client;
        let ledger = Ledger::open(self.context)?;
        let scope = ledger::scope(client, &self.desired.workspace.selector).await?;
        let lease = ledger.lease(&scope).await?;
        guard.watch(&lease);
        let deployed = async {
            if let Some(unfinished) = fabric_txn::unfinished(&*ledger.store, &scope).await? {
                return Err(Failure::unfinished(&unfinished));
            }
            let (desired, actual, plan) = lease.held_during(self.plan()).await??;
            if plan.is_empty() {
                return Ok((Report::planned(&plan), plan));
            }
            telemetry::deployment_started(&plan);
            let forward = Forward {
                client,
                inputs: &self.inputs,
                desired: &desired,
                actual: &actual,
                plan: &plan,
                settings: self.settings(),
                on_failure: self.on_failure(),
                stop: interrupt::watch_transaction(),
                audit: self.audit.as_ref(),
            };
            let progress = render::progress(self.context, plan.steps.len());
            let report = transactional::deploy(forward, &ledger, lease.clone(), self.context, progress).await?;
            Ok((report, plan))
        }
        .await;
        ledger::release(&lease).await;
        if let (Err(failure), Some(audit)) = (&deployed, &self.audit) {
            audit.failed(&self.desired.environment, failure, self.context.elapsed_ms());
        }
        let (report, plan) = deployed?;
        self.finish(report, &plan)
    }

    /// Without a lease and without a journal.
    async fn step_by_step(&self) -> Result<Exit, Failure> {
        let (desired, actual, plan) = self.plan().await?;
        render::say_note("FEATURE_USE_ROLLBACK is off: if this deployment fails, what it did stays");
        if self.rollback_on_error == Some(true) {
            render::say_warning(&"`deployment.rollback_on_error` has no effect while FEATURE_USE_ROLLBACK is off");
        }
        telemetry::deployment_started(&plan);
        if let Some(audit) = &self.audit {
            audit.started(&plan, None);
        }
        let stop = interrupt::watch();
        let progress = render::progress(self.context, plan.steps.len());
        let Settings { limits, verification } = self.settings();
        let execution = Execution { limits, verification, observer: progress.as_ref(), stop: &stop };
        let report = execute::execute(&self.connection.client, &desired, &actual, &plan, execution).await;
        drop(progress);
        self.finish(report, &plan)
    }

    /// The command line wins over the product configuration.
    fn on_failure(&self) -> OnFailure {
        match (self.arguments.on_failure, self.rollback_on_error) {
            (Some(AfterFailure::Keep), _) | (None, Some(false)) => OnFailure::Keep,
            _ => OnFailure::Rollback,
        }
    }

    fn finish(&self, report: Report, plan: &Plan) -> Result<Exit, Failure> {
        telemetry::deployment_finished(&report);
        if let Some(audit) = &self.audit {
            audit.ended(&report, plan, &self.desired, self.context.elapsed_ms());
        }
        let exit = Exit::of_report(&report);
        let document = Document::of_report("deploy", report, &self.context.flags, self.context.elapsed_ms());
        let document = document.with(self.findings.clone());
        render::deployed(self.context.global.output, &document)?;
        Ok(self.context.delivery.publish(&document, exit))
    }

    fn settings(&self) -> Settings {
        settings(self.context, self.arguments.verify)
    }
}

/// How steps are carried out in this run.
pub(super) fn settings(context: &Context, verify: Verify) -> Settings {
    Settings {
        limits: ExecuteOptions {
            creates: layers::create_policy(&context.flags, context.calls),
            settle: context.calls.settle,
            ..ExecuteOptions::default()
        },
        verification: match verify {
            Verify::Listing => Verification::Listing,
            Verify::Definitions => Verification::Definitions,
        },
    }
}
