//! The bindings generated from `wit/`: one trait per interface that the host offers.

wasmtime::component::bindgen!({
    path: "wit",
    world: "application-host",
    imports: {
        // SQLite and memory answer at once; a fiber switch would only cost time.
        "spin:sqlite": trappable,
        "spin:postgres/postgres@4.2.0.[constructor]connection-builder": trappable,
        "spin:postgres/postgres@4.2.0.[method]connection-builder.set-ca-root": trappable,
        // These may cross the network: the guest blocks, the thread does not.
        default: async | trappable,
    },
    with: {
        "spin:sqlite/sqlite.connection": crate::sqlite::Connection,
        "spin:postgres/postgres.connection": crate::postgres::Connection,
        "spin:postgres/postgres.connection-builder": crate::postgres::ConnectionBuilder,
        "spin:redis/redis.connection": crate::redis::Connection,
        "wasi:keyvalue/store.bucket": crate::key_value::Bucket,
        "wasi:keyvalue/atomics.cas": crate::key_value::Cas,
    },
});
