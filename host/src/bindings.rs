//! The bindings generated from `wit/`: one trait per interface that the host offers.

wasmtime::component::bindgen!({
    path: "wit",
    world: "application-host",
    imports: {
        // These answer at once.
        "spin:sqlite/sqlite@3.1.0.[static]connection.open": trappable,
        "spin:sqlite/sqlite@3.1.0.[method]connection.last-insert-rowid": trappable,
        "spin:sqlite/sqlite@3.1.0.[method]connection.changes": trappable,
        "spin:sqlite/sqlite@3.1.0.[drop]connection": trappable,
        "spin:postgres/postgres@4.2.0.[constructor]connection-builder": trappable,
        "spin:postgres/postgres@4.2.0.[method]connection-builder.set-ca-root": trappable,
        // These may wait for locks or the network: the guest blocks, the thread does not.
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
