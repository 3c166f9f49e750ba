//! The folder behind [`ObjectStore`]: every call runs on a blocking thread.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use uuid::Uuid;

use super::disk::Disk;
use super::{Finished, ObjectStore, Progress, StoreError, Swept, Upload};

/// [`Disk`] behind async calls, on blocking threads.
#[derive(Clone)]
pub struct DiskStore {
    disk: Arc<Disk>,
}

impl DiskStore {
    /// Opens the folder (`data/objects`), making it when it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        Ok(Self { disk: Arc::new(Disk::open(root)?) })
    }

    /// The blocking store, for streaming from [`Disk::file`].
    pub fn disk(&self) -> &Arc<Disk> {
        &self.disk
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Disk) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let disk = Arc::clone(&self.disk);
        tokio::task::spawn_blocking(move || work(&disk)).await.unwrap_or(Err(StoreError::Stopped))
    }
}

#[async_trait]
impl ObjectStore for DiskStore {
    async fn begin(&self, upload: Upload) -> Result<u64, StoreError> {
        self.run(move |disk| disk.begin(upload)).await
    }

    async fn append(&self, id: Uuid, offset: u64, bytes: Vec<u8>) -> Result<u64, StoreError> {
        self.run(move |disk| disk.append(id, offset, &bytes)).await
    }

    async fn progress(&self, id: Uuid) -> Result<Progress, StoreError> {
        self.run(move |disk| disk.progress(id)).await
    }

    async fn finish(&self, id: Uuid) -> Result<Finished, StoreError> {
        self.run(move |disk| disk.finish(id)).await
    }

    async fn put(&self, id: Uuid, bytes: Vec<u8>) -> Result<Finished, StoreError> {
        self.run(move |disk| disk.put(id, &bytes)).await
    }

    async fn read(&self, id: Uuid, range: Range<u64>) -> Result<Vec<u8>, StoreError> {
        self.run(move |disk| disk.read(id, range)).await
    }

    async fn delete(&self, id: Uuid) -> Result<bool, StoreError> {
        self.run(move |disk| disk.delete(id)).await
    }

    async fn sweep(&self, now: SystemTime, age: Duration) -> Result<Swept, StoreError> {
        self.run(move |disk| disk.sweep(now, age)).await
    }

    async fn older(&self, now: SystemTime, age: Duration) -> Result<Vec<Uuid>, StoreError> {
        self.run(move |disk| disk.older(now, age)).await
    }
}
