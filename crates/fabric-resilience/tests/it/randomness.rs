//! Chance by seed: the numbers that the algorithm's authors publish.

use fabric_resilience::{Randomness, SplitMix};

/// The reference implementation's first outputs, by Vigna (<https://prng.di.unimi.it/splitmix64.c>), for two seeds.
const REFERENCE: [(u64, [u64; 4]); 2] = [
    (0, [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F, 0xF88B_B8A8_724C_81EC]),
    (
        1_234_567,
        [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431],
    ),
];

#[test]
fn a_seed_draws_the_reference_numbers() {
    for (seed, outputs) in REFERENCE {
        let randomness = SplitMix::seeded(seed);
        for output in outputs {
            let expected = (output >> 11) as f64 * 2_f64.powi(-53);
            let drawn = randomness.unit();
            assert!((drawn - expected).abs() < f64::EPSILON / 4.0, "seed {seed}: {drawn}, not {expected}");
        }
    }
}

#[test]
fn two_sources_of_the_system_differ() {
    assert!((SplitMix::from_system().unit() - SplitMix::from_system().unit()).abs() > 0.0);
}
