//! Microsoft Fabric on this machine.
