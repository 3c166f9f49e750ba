//! What the face check measures of a synthetic person: angles, size, liveness, and the cosine with a reference photo.
//! `cargo run -p miantan-client --features synthetic --example actor_probe -- ROLE REFERENCE`; the constants of
//! `core/media/src/camera/actor.rs` were set with it. The models come from $MIANTAN_MODELS.

use miantan_domain::model::Movement;
use miantan_domain::rules::identity::framing::framing;
use miantan_face::{Depth, FaceChecker, ModelFiles, Options, Picture, models};
use miantan_media::camera::actor::Cue;
use miantan_media::{CameraChoice, CameraPreview, I420Frame, Screen};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let role = arguments.next().ok_or("a role: PATH[#x,y,w,h]")?;
    let reference = arguments.next();
    let folder = models::folder().ok_or("no models")?;
    let mut checker = FaceChecker::load(&ModelFiles::open(&folder)?, &Options::default())?;
    let reference = match reference {
        Some(path) => Some(checker.reference(&Picture::decode(&std::fs::read(path)?)?)?),
        None => None,
    };
    let cue = Cue::default();
    let newest: Arc<Mutex<Option<I420Frame>>> = Arc::default();
    let shown = Arc::clone(&newest);
    let watch = Box::new(move |frame| {
        if let Ok(mut slot) = shown.lock() {
            *slot = Some(frame);
        }
    });
    let choice = CameraChoice::Actor { role, cue: cue.clone() };
    let preview = CameraPreview::start_watched(choice, Screen::start().await?, watch)?;
    let movements =
        [None, Some(Movement::TurnLeft), None, Some(Movement::TurnRight), None, Some(Movement::Nod), None];
    for movement in movements.into_iter().chain([Some(Movement::ComeNearer), None]) {
        cue.ask(movement);
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let Some(frame) = newest.lock().ok().and_then(|mut slot| slot.take()) else {
            println!("no picture: {:?}", preview.state().borrow().problem);
            continue;
        };
        let width = frame.width as usize;
        let picture =
            Picture::i420(frame.width, frame.height, frame.planes(), [width, width / 2, width / 2])?;
        let look = checker.look(&picture, Depth::Frame)?;
        let advice = checker.look(&picture, Depth::Advice)?;
        println!("{movement:?}: {:?}", framing(&look.facts));
        if let Some(face) = look.facts.face {
            println!(
                "  yaw {:.1} pitch {:.1} roll {:.1} height {:.0} eyes {:.0} sharp {:.0} bounds {:?} live {:?} cosine {:?}",
                face.yaw,
                face.pitch,
                face.roll,
                face.bounds[3],
                face.eye_distance,
                face.sharpness,
                face.bounds,
                look.liveness,
                reference.as_ref().zip(look.embedding.as_ref()).map(|(a, b)| a.cosine(b)),
            );
        }
        if let Some(face) = advice.facts.face {
            println!("  advice: yaw {:.1} pitch {:.1} height {:.0}", face.yaw, face.pitch, face.bounds[3]);
        }
        if let Ok(folder) = std::env::var("ACTOR_PICTURES") {
            let name = movement.map_or("straight".to_owned(), |movement| format!("{movement:?}"));
            write_picture(&frame, &std::path::Path::new(&folder).join(format!("{name}.pgm")))?;
        }
    }
    println!("{:?} pictures a second", preview.state().borrow().fps);
    Ok(())
}

/// Shades of grey, for a look at the bending.
fn write_picture(frame: &I420Frame, path: &std::path::Path) -> std::io::Result<()> {
    let mut file = format!("P5 {} {} 255\n", frame.width, frame.height).into_bytes();
    file.extend(frame.luma());
    std::fs::write(path, file)
}
