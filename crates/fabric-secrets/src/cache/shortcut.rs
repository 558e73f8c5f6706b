//! The short way to the newest version of a secret that is already known.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use super::slot::Slot;
use crate::name::SecretName;

/// Where the slots of newest versions are. A look-up in moka keeps its statistics, and takes as long as a whole read may
/// take; this one is a hash table. moka still decides what is remembered: the shortcut does not keep a slot alive.
pub(super) struct Shortcut {
    slots: RwLock<HashMap<SecretName, Weak<Slot>>>,
    capacity: usize,
}

impl Shortcut {
    /// A shortcut to about as many slots as moka holds.
    pub(super) fn new(capacity: u64) -> Self {
        Self { slots: RwLock::default(), capacity: usize::try_from(capacity).unwrap_or(usize::MAX) }
    }

    pub(super) fn find(&self, name: &SecretName) -> Option<Arc<Slot>> {
        self.slots.read().unwrap_or_else(PoisonError::into_inner).get(name)?.upgrade()
    }

    pub(super) fn remember(&self, name: &SecretName, slot: &Arc<Slot>) {
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        if slots.len() > self.capacity.saturating_mul(2) {
            slots.retain(|_, slot| slot.strong_count() > 0);
        }
        slots.insert(name.clone(), Arc::downgrade(slot));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_no_slot_alive_and_does_not_grow_without_end() {
        let shortcut = Shortcut::new(10);
        let kept = Arc::new(Slot::default());
        let name = |number: usize| SecretName::parse(&format!("n{number}")).unwrap();
        shortcut.remember(&name(0), &kept);
        for number in 1..100 {
            shortcut.remember(&name(number), &Arc::new(Slot::default()));
            assert!(shortcut.find(&name(number)).is_none());
        }
        assert!(Arc::ptr_eq(&shortcut.find(&name(0)).unwrap(), &kept));
        assert!(shortcut.slots.read().unwrap().len() <= 21);
    }
}
