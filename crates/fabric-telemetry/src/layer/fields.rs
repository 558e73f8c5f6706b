//! Takes the values of a span or event, under the names that they have outside.

use std::error::Error;
use std::fmt::Debug;

use tracing::field::{Field, Visit};

use super::callsite::Naming;
use crate::hub::Hub;
use crate::model::{Attributes, Value};

/// The text that `tracing` puts beside the fields; the name says what happened.
const MESSAGE: &str = "message";

pub(super) struct Fields<'a, N> {
    hub: &'a Hub,
    naming: &'a N,
    attributes: &'a mut Attributes,
}

impl<'a, N: Naming> Fields<'a, N> {
    pub(super) fn new(hub: &'a Hub, naming: &'a N, attributes: &'a mut Attributes) -> Self {
        Self { hub, naming, attributes }
    }

    fn set(&mut self, field: &Field, value: impl FnOnce() -> Value) {
        match self.naming.attribute(field.name()) {
            Some(name) => self.attributes.set(name, value()),
            None if field.name() == MESSAGE => {}
            None => self.hub.not_registered(format!("field `{}` of {}", field.name(), self.naming.owner())),
        }
    }
}

impl<N: Naming> Visit for Fields<'_, N> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, || Value::Text(value.to_owned()));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, || Value::Integer(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, || i64::try_from(value).map_or_else(|_| Value::Text(value.to_string()), Value::Integer));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, || Value::Number(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, || Value::Flag(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.set(field, || Value::Text(value.to_string()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field, || Value::Text(format!("{value:?}")));
    }
}
