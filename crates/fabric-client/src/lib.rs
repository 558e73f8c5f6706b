//! Microsoft Fabric, typed.
