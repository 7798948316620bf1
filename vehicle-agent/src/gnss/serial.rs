//! A serial line: raw, read only, at one speed, without taking the process's terminal.

use std::io;
use std::path::Path;

use rustix::fs::{Mode, OFlags, open};
use rustix::termios::{ControlModes, OptionalActions, tcgetattr, tcsetattr};
use tokio::net::unix::pipe::Receiver;

/// Opens a device and sets its speed, in bits per second.
pub(super) fn open_line(path: &Path, baud: u32) -> io::Result<Receiver> {
    let flags = OFlags::RDONLY | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let device = open(path, flags, Mode::empty())?;
    let mut modes = tcgetattr(&device)?;
    modes.make_raw();
    modes.set_speed(baud)?;
    // A receiver with three wires has no carrier to show.
    modes.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
    tcsetattr(&device, OptionalActions::Now, &modes)?;
    // To the executor a line is what a pipe is: something that becomes readable.
    Receiver::from_owned_fd_unchecked(device)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use tokio::io::AsyncReadExt;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_line_is_read_as_it_comes_and_its_end_is_seen() {
        let receiver = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&receiver).unwrap();
        unlockpt(&receiver).unwrap();
        let path = PathBuf::from(ptsname(&receiver, Vec::new()).unwrap().into_string().unwrap());
        let mut serial = open_line(&path, 115_200).unwrap();
        assert_eq!(tcgetattr(&serial).unwrap().input_speed(), 115_200);
        let sentence = b"$GNRMC,,V,,,,,,,,,,N*4D\r\n";
        rustix::io::write(&receiver, sentence).unwrap();
        let mut heard = vec![0; sentence.len()];
        let read = timeout(Duration::from_secs(10), serial.read_exact(&mut heard)).await;
        read.expect("the sentence comes").unwrap();
        assert_eq!(heard, sentence, "nothing is translated");
        drop(receiver);
        assert!(serial.read_u8().await.is_err(), "a cable that was pulled");
        assert!(open_line(Path::new("/dev/null"), 9600).is_err(), "not a serial line");
    }
}
