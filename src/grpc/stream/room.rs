//! Room for subscriptions: so many places in all, and a fair share of them for each caller.

use std::sync::Arc;

use tonic::Status;

use crate::grpc::status;
use crate::shares::{Count, Part, Share, Shares, Taken};
use crate::telemetry::{Metrics, Ongoing, Shed};

/// Room for the subscriptions of all streams; clones share it.
#[derive(Debug, Clone)]
pub(in crate::grpc) struct Room {
    most: usize,
    taken: Arc<Count>,
    callers: Shares,
    metrics: Metrics,
}

/// What of it the streams of one caller may have.
#[derive(Debug)]
pub(super) struct Corner {
    room: Room,
    share: Arc<Share>,
}

/// A place, until this is dropped.
#[derive(Debug)]
pub(super) struct Place(
    #[expect(dead_code, reason = "it is held, not read")] Part,
    #[expect(dead_code, reason = "it is held, not read")] Taken,
);

impl Room {
    /// With so many places.
    pub(in crate::grpc) fn of(most: usize, metrics: Metrics) -> Self {
        Self { most, taken: Arc::default(), callers: Shares::default(), metrics }
    }

    /// That of the caller who goes by this name.
    pub(super) fn corner(&self, caller: &str) -> Corner {
        Corner { room: self.clone(), share: self.callers.of(caller) }
    }
}

impl Corner {
    /// So many places.
    ///
    /// # Errors
    ///
    /// There are not as many left, in all or for this caller.
    pub(super) fn take(&self, places: usize) -> Result<Vec<Place>, Status> {
        (0..places).map(|_| self.enter()).collect::<Result<_, _>>().map_err(|shed| {
            self.room.metrics.subscription_shed(shed);
            match shed {
                Shed::Server => status::no_place(),
                Shed::Caller => status::caller_has_its_places(),
            }
        })
    }

    /// A subscription that counts until this is dropped.
    pub(super) fn subscription(&self) -> Ongoing {
        self.room.metrics.subscription()
    }

    fn enter(&self) -> Result<Place, Shed> {
        let part = self.share.enter(self.room.most).ok_or(Shed::Caller)?;
        let taken = self.room.taken.enter(self.room.most).ok_or(Shed::Server)?;
        Ok(Place(part, taken))
    }
}
