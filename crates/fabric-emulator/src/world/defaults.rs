//! The tenant the emulator starts with: fixed ids that tests and examples can rely on.

use uuid::Uuid;

use super::World;
use super::entities::{Capacity, Credentials, Principal, PrincipalKind};

/// An active F64 capacity in West Europe: `c0000000-0000-4000-8000-000000000001`.
pub const ACTIVE_CAPACITY: Uuid = Uuid::from_u128(0xc000_0000_0000_4000_8000_0000_0000_0001);
/// A paused F2 capacity in West Europe: `c0000000-0000-4000-8000-000000000002`.
pub const PAUSED_CAPACITY: Uuid = Uuid::from_u128(0xc000_0000_0000_4000_8000_0000_0000_0002);
/// The user that calls unless another one is asked for: `a0000000-0000-4000-8000-000000000001`.
pub const ADMINISTRATOR: Uuid = Uuid::from_u128(0xa000_0000_0000_4000_8000_0000_0000_0001);
/// Another user, a member of [`GROUP`]: `a0000000-0000-4000-8000-000000000002`.
pub const USER: Uuid = Uuid::from_u128(0xa000_0000_0000_4000_8000_0000_0000_0002);
/// A security group: `a0000000-0000-4000-8000-000000000003`.
pub const GROUP: Uuid = Uuid::from_u128(0xa000_0000_0000_4000_8000_0000_0000_0003);
/// A service principal: `a0000000-0000-4000-8000-000000000004`.
pub const SERVICE_PRINCIPAL: Uuid = Uuid::from_u128(0xa000_0000_0000_4000_8000_0000_0000_0004);
/// The application (client) id of [`SERVICE_PRINCIPAL`]: `a0000000-0000-4000-8000-000000000005`.
pub const SERVICE_PRINCIPAL_APPLICATION: Uuid = Uuid::from_u128(0xa000_0000_0000_4000_8000_0000_0000_0005);
/// The client secret of [`SERVICE_PRINCIPAL`]; it opens nothing but emulators.
pub const SERVICE_PRINCIPAL_SECRET: &str = "emulated-client-secret";
/// The tenant: `70000000-0000-4000-8000-000000000001`.
pub const TENANT: Uuid = Uuid::from_u128(0x7000_0000_0000_4000_8000_0000_0000_0001);

/// Puts the default capacities into the world.
pub(crate) fn add_capacities(world: &mut World) {
    for (id, name, sku, state) in [
        (ACTIVE_CAPACITY, "Emulated capacity", "F64", "Active"),
        (PAUSED_CAPACITY, "Paused capacity", "F2", "Inactive"),
    ] {
        world.capacities.put(Capacity {
            id,
            display_name: name.to_owned(),
            sku: sku.to_owned(),
            region: "West Europe".to_owned(),
            state: state.to_owned(),
        });
    }
}

/// Puts the default principals into the world.
pub(crate) fn add_principals(world: &mut World) {
    let user = |id, name: &str, address: &str, member_of| Principal {
        user_principal_name: Some(address.to_owned()),
        mail: Some(address.to_owned()),
        member_of,
        ..Principal::new(id, PrincipalKind::User, name)
    };
    world.principals.put(user(ADMINISTRATOR, "Emulator administrator", "administrator@emulator.example", Vec::new()));
    world.principals.put(user(USER, "Emulator user", "user@emulator.example", vec![GROUP]));
    world.principals.put(Principal::new(GROUP, PrincipalKind::Group, "Emulator group"));
    world.principals.put(Principal {
        app_id: Some(SERVICE_PRINCIPAL_APPLICATION),
        credentials: Credentials {
            secrets: vec![SERVICE_PRINCIPAL_SECRET.to_owned()],
            managed_identity: true,
            ..Credentials::default()
        },
        ..Principal::new(SERVICE_PRINCIPAL, PrincipalKind::ServicePrincipal, "Emulator service principal")
    });
}

/// The whole default tenant.
pub(crate) fn world() -> World {
    let mut world = World::default();
    add_capacities(&mut world);
    add_principals(&mut world);
    world
}
