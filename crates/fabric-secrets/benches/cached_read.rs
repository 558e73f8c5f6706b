//! What a cached read costs, beside a bare look-up in moka and the parts that no read can do without.
//! The budget is 300 ns on an idle machine.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use fabric_secrets::{
    CacheSettings, CachedStore, Clock, SecretName, SecretStore, SystemClock, VariablesStore, Version,
};

fn cached_read(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut group = criterion.benchmark_group("secret");
    let store = VariablesStore::environment(|_| Some("value".to_owned()));
    let cache: Arc<dyn SecretStore> = Arc::new(CachedStore::new(Arc::new(store), CacheSettings::default()));
    let (name, latest) = (SecretName::parse("sales-db-password").unwrap(), Version::latest());
    group.bench_function("from cache", |bencher| {
        bencher.to_async(&runtime).iter(|| async { black_box(cache.get(black_box(&name), &latest).await.is_ok()) });
    });
    let bare = moka::future::Cache::<SecretName, Arc<str>>::new(1_000);
    runtime.block_on(bare.insert(name.clone(), "value".into()));
    group.bench_function("moka alone", |bencher| {
        bencher.to_async(&runtime).iter(|| async { black_box(bare.get(black_box(&name)).await.is_some()) });
    });
    group.bench_function("the clock alone", |bencher| bencher.iter(|| black_box(SystemClock.now())));
    group.finish();
}

criterion_group!(benches, cached_read);
criterion_main!(benches);
