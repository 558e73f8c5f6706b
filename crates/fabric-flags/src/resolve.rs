//! From sources to a snapshot: precedence, and every mistake reported at once.

use crate::error::{Error, Errors, Warning};
use crate::file::FlagFile;
use crate::nearest::nearest;
use crate::sources::File;
use crate::{Evaluation, Feature, Profile, Snapshot, Source, Sources, switch};

/// Names that start like this are meant to be flags.
const PREFIX: &str = "FEATURE_";

/// The closed set of features, to be resolved once per run.
#[derive(Debug, Clone, Copy)]
pub struct FlagSet;

impl FlagSet {
    /// Decides every feature: command line over environment variable over flag file over profile over default.
    ///
    /// # Errors
    /// All of them at once: values that are neither on nor off, command line names that are no flags, an unknown
    /// profile, a damaged flag file. A mistake counts even where another source overrides it.
    pub fn resolve(sources: &Sources) -> Result<Snapshot, Errors> {
        let mut resolution = Resolution::default();
        resolution.read_command_line(&sources.arguments);
        resolution.read_environment(&sources.environment);
        if let Some(file) = &sources.file {
            resolution.read_file(file);
        }
        resolution.finish()
    }
}

#[derive(Default)]
struct Resolution {
    command_line: [Option<bool>; Feature::ALL.len()],
    environment: [Option<bool>; Feature::ALL.len()],
    file: [Option<Evaluation>; Feature::ALL.len()],
    profile: Option<Profile>,
    errors: Vec<Error>,
    warnings: Vec<Warning>,
}

impl Resolution {
    fn read_command_line(&mut self, arguments: &[String]) {
        for argument in arguments {
            let Some((name, value)) = argument.split_once('=') else {
                self.errors.push(Error::MalformedArgument { argument: argument.clone() });
                continue;
            };
            let name = name.trim();
            match Feature::from_variable(name) {
                Some(feature) => {
                    self.command_line[feature as usize] = self.read_switch(feature, value, Source::CommandLine);
                }
                None => self.errors.push(Error::UnknownFlag { name: name.to_owned(), nearest: nearest(name) }),
            }
        }
    }

    fn read_environment(&mut self, variables: &[(String, String)]) {
        for (name, value) in variables {
            if name == Profile::VARIABLE {
                self.profile = Profile::from_name(value);
                if self.profile.is_none() {
                    self.errors.push(Error::UnknownProfile { value: value.clone() });
                }
            } else if let Some(feature) = Feature::from_variable(name) {
                self.environment[feature as usize] = self.read_switch(feature, value, Source::Environment);
            } else {
                self.doubt(name, Source::Environment);
            }
        }
    }

    fn read_file(&mut self, file: &File) {
        let flags = match FlagFile::parse(&file.text) {
            Ok(flags) => flags,
            Err(damage) => return self.errors.push(damage.in_file(&file.name)),
        };
        for id in flags.ids() {
            let Some(feature) = Feature::from_variable(id) else {
                self.doubt(id, Source::File);
                continue;
            };
            // A damaged declaration stops the start, as a misspelt variable does; rules that only another reader
            // understands are off, as in Microsoft's libraries.
            if let Some(damage) = flags.damage(id) {
                self.errors.push(damage.clone().in_file(&file.name));
                continue;
            }
            let decision = flags.evaluate(id, &file.context);
            if let Some(error) = &decision.error {
                self.warnings.push(Warning::NotEvaluated { feature, message: error.message.clone() });
            }
            self.file[feature as usize] = Some(Evaluation {
                feature,
                value: decision.enabled,
                reason: decision.reason,
                source: Source::File,
                variant: decision.variant.map(|variant| variant.name.clone()),
                error: decision.error,
            });
        }
    }

    fn read_switch(&mut self, feature: Feature, value: &str, origin: Source) -> Option<bool> {
        let switch = switch::parse(value);
        if switch.is_none() {
            self.errors.push(Error::InvalidValue { feature, value: value.to_owned(), origin });
        }
        switch
    }

    fn doubt(&mut self, name: &str, origin: Source) {
        if name.to_ascii_uppercase().starts_with(PREFIX) {
            self.warnings.push(Warning::UnknownName { name: name.to_owned(), origin, nearest: nearest(name) });
        }
    }

    fn finish(mut self) -> Result<Snapshot, Errors> {
        Errors::check(self.errors)?;
        let evaluations = Feature::ALL.map(|feature| {
            let index = feature as usize;
            let stated = |value: Option<bool>, source| value.map(|value| Evaluation::stated(feature, value, source));
            stated(self.command_line[index], Source::CommandLine)
                .or_else(|| stated(self.environment[index], Source::Environment))
                .or_else(|| self.file[index].take())
                .or_else(|| stated(self.profile.and_then(|profile| profile.value(feature)), Source::Profile))
                .unwrap_or_else(|| Evaluation::default_of(feature))
        });
        Ok(Snapshot::new(evaluations, self.profile, self.warnings))
    }
}
