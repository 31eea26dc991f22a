//! temp
#[derive(Default)]
pub struct Desktop {}
