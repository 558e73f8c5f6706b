//! Who we are: credentials behind `azure_core`'s `TokenCredential`.
