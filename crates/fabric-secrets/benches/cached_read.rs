//! What a cached read costs. The budget is 300 ns.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use fabric_secrets::{CacheSettings, CachedStore, SecretName, SecretStore, VariablesStore, Version};

fn cached_read(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = VariablesStore::environment(|_| Some("value".to_owned()));
    let cache = CachedStore::new(Arc::new(store), CacheSettings::default());
    let (name, latest) = (SecretName::parse("sales-db-password").unwrap(), Version::latest());
    criterion.bench_function("secret/from cache", |bencher| {
        bencher.to_async(&runtime).iter(|| async { black_box(cache.get(black_box(&name), &latest).await.is_ok()) });
    });
    let erased: Arc<dyn SecretStore> = Arc::new(cache.clone());
    criterion.bench_function("secret/from cache, a thousand in turn", |bencher| {
        let names: Vec<SecretName> =
            (0..1_000).map(|number| SecretName::parse(&format!("secret-{number}")).unwrap()).collect();
        let mut next = names.iter().cycle();
        bencher.iter(|| {
            let name = next.next().unwrap();
            black_box(runtime.block_on(erased.get(name, &latest)).is_ok())
        });
    });
}

criterion_group!(benches, cached_read);
criterion_main!(benches);
