//! An effect follows its event: nothing leaves a machine before the event behind it is durable there and acknowledged.

use dispatch_core::effect::Effect;

use super::{Law, World};

/// See the file.
#[derive(Debug)]
pub struct EffectsFollowEvents;

impl Law for EffectsFollowEvents {
    fn name(&self) -> &'static str {
        "effects_follow_events"
    }

    fn effect_sent(&mut self, world: &World, at: usize, effect: &Effect) -> Result<(), String> {
        let site = &world.sites[at];
        let acknowledged = site.process.as_ref().map_or(0, |process| process.acknowledged);
        if effect.id.seq > acknowledged || effect.id.seq > site.disk.len() as u64 {
            let durable = site.disk.len();
            return Err(format!(
                "effect {} left with {acknowledged} acknowledged and {durable} durable",
                effect.id
            ));
        }
        Ok(())
    }
}
