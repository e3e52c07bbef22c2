//! The configuration of wasmtime, in one place because native code is valid only for the one it was compiled with.

use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig, WasmBacktraceDetails,
};

use crate::limits::Limits;
use crate::native::Target;

/// Memory that a slot keeps between requests instead of giving it back to the kernel, in bytes. A rendered page touches about this
/// much (design.md section 4).
const KEEP_RESIDENT: usize = 2 << 20;

/// Core instances and memories that one component may consist of: adapters and composed components have several.
pub(super) const CORE_INSTANCES_PER_COMPONENT: u32 = 30;
pub(super) const MEMORIES_PER_COMPONENT: u32 = 4;

/// The settings for instances from a pool of `limits.instances()` slots.
pub(super) fn pooled(target: Target, limits: &Limits) -> Config {
    let mut config = on_demand(target);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
    config
}

/// The settings that do not depend on how instances are allocated; used alone where the address space is too small for a pool.
pub(super) fn on_demand(target: Target) -> Config {
    let mut config = Config::new();
    target.apply(&mut config);
    config
        .epoch_interruption(true)
        // A seventh of the native code, to be read and checked at each start: where in a function a trap came from, of components without
        // names, and tables for native unwinders, which do not unwind Wasm here.
        .generate_address_map(false)
        .native_unwind_info(false)
        // Otherwise a variable of the environment decides, and with it what the code is like.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .concurrency_support(false)
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(20))
        .memory_init_cow(true);
    config
}

fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let slots = u32::try_from(limits.instances()).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(slots.saturating_mul(CORE_INSTANCES_PER_COMPONENT))
        .total_memories(slots.saturating_mul(2))
        .total_tables(slots.saturating_mul(2))
        .total_stacks(slots)
        .max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT)
        .max_memories_per_component(MEMORIES_PER_COMPONENT)
        .max_tables_per_component(MEMORIES_PER_COMPONENT)
        .max_component_instance_size(4 << 20)
        .max_core_instance_size(4 << 20)
        .max_memory_size(limits.memory)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(64 << 10)
        .max_unused_warm_slots(8)
        // Where the kernel has it: Linux 6.7.
        .pagemap_scan(Enabled::Auto);
    pool
}
