//! Icons as inline SVG on a 24-unit grid, drawn with the text's colour. They are decoration: the control around
//! them has the name.

use dioxus::prelude::*;

/// What an icon shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    Back,
    Forward,
    Close,
    Check,
    Speaker,
    SpeakerOff,
    Microphone,
    MicrophoneOff,
    Camera,
    CameraOff,
    Flip,
    /// A QR code in the corners of a finder.
    Scan,
    Phone,
    PhoneDown,
    Chat,
    Send,
    Gear,
    Building,
    Person,
    Shield,
    Clock,
    Warning,
    Info,
    WifiOff,
    Play,
    Record,
    Stop,
    Megaphone,
    Switch,
    Globe,
    Hourglass,
    Down,
    Document,
    Search,
    /// Three dots: more to do.
    More,
    Smile,
    Plus,
    Minus,
    Image,
    Download,
    Tag,
    Calendar,
    /// Two ticks.
    Ticks,
    Flag,
    Block,
    Up,
    Trash,
    Pencil,
    Key,
    Eye,
    /// A QR code.
    Qr,
    Share,
    Heart,
    /// A face in the corners of a finder.
    Face,
    Wifi,
}

impl Glyph {
    /// Paths that are drawn as lines.
    const fn lines(self) -> &'static str {
        match self {
            Self::Back => "M15 5l-7 7 7 7",
            Self::Forward => "M9 5l7 7-7 7",
            Self::Down => "M5 9l7 7 7-7",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Check => "M5 12.5l4.5 4.5L19 7.5",
            Self::Speaker => {
                "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 010 6M18 6.5a7.8 7.8 0 010 11"
            }
            Self::SpeakerOff => "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5",
            Self::Microphone => {
                "M12 3.5a3 3 0 013 3v5a3 3 0 01-6 0v-5a3 3 0 013-3zM5.5 11.5a6.5 6.5 0 0013 0M12 18v3"
            }
            Self::MicrophoneOff => {
                "M9 9v2.5a3 3 0 004.6 2.5M15 11V6.5a3 3 0 00-5.7-1.3M5.5 11.5a6.5 6.5 0 0010 5.5M18.3 13a6.5 6.5 0 00.2-1.5M12 18v3M4 4l16 16"
            }
            Self::Camera => {
                "M4.5 7h8a2 2 0 012 2v6a2 2 0 01-2 2h-8a2 2 0 01-2-2V9a2 2 0 012-2zM14.5 11l6.5-3.5v9L14.5 13"
            }
            Self::CameraOff => {
                "M10 7h2.5a2 2 0 012 2v2l6.5-3.5v9l-3-1.6M13.5 16.7a2 2 0 01-1 .3h-8a2 2 0 01-2-2V9a2 2 0 011.6-1.9M4 4l16 16"
            }
            Self::Flip => "M4 9.5a8 8 0 0114-3M20 4v3.5h-3.5M20 14.5a8 8 0 01-14 3M4 20v-3.5h3.5",
            Self::Scan => {
                "M4 8.500V6a2 2 0 012-2h2.500M15.500 4H18a2 2 0 012 2v2.500M20 15.500V18a2 2 0 01-2 2h-2.500M8.500 20H6a2 2 0 01-2-2v-2.500M3.500 12h17"
            }
            Self::Phone => {
                "M6.5 3.5h2.6l1.6 4.3-2 1.5a12 12 0 006 6l1.5-2 4.3 1.6v2.6a2 2 0 01-2.2 2A16 16 0 014.5 5.700a2 2 0 012-2.2z"
            }
            Self::PhoneDown => {
                "M3.200 14.200c-.9-1.600.2-3.600 1.700-4.500 4.400-2.600 9.800-2.600 14.200 0 1.500.9 2.600 2.900 1.700 4.500l-.7 1.100-4.200-1.100-.2-2.600a11.500 11.500 0 00-7.400 0l-.2 2.600-4.200 1.100z"
            }
            Self::Chat => {
                "M5 5h14a1.500 1.500 0 011.500 1.500v8.500a1.500 1.500 0 01-1.500 1.500h-8l-4.500 3.500v-3.500H5A1.500 1.500 0 013.500 15V6.500A1.500 1.500 0 015 5z"
            }
            Self::Send => "M12 19V5M6 11l6-6 6 6",
            Self::Gear => {
                "M4 7h9M19 7h1M4 17h1M11 17h9M16 4.500a2.500 2.500 0 110 5 2.500 2.500 0 010-5zM8 14.500a2.500 2.500 0 110 5 2.500 2.500 0 010-5z"
            }
            Self::Building => {
                "M5 20.500V5a1.500 1.500 0 011.500-1.500h7A1.500 1.500 0 0115 5v15.500M15 10h3.500a1 1 0 011 1v9.500M3 20.500h18M8.500 8h3M8.500 12h3M8.500 16h3"
            }
            Self::Person => {
                "M12 4a4 4 0 110 8 4 4 0 010-8zM4.500 20.500c.6-3.900 3.700-6 7.500-6s6.900 2.100 7.500 6"
            }
            Self::Shield => {
                "M12 3l7.500 2.800v5.700c0 4.700-3.200 8-7.500 9.500-4.300-1.500-7.500-4.800-7.500-9.500V5.800zM8.800 12l2.300 2.300 4.200-4.500"
            }
            Self::Clock => "M12 3.500a8.500 8.500 0 110 17 8.500 8.500 0 010-17zM12 7.500V12l3 2",
            Self::Warning => "M12 4l9 15.500H3zM12 10v4.500M12 17v.3",
            Self::Info => "M12 3.500a8.500 8.500 0 110 17 8.500 8.500 0 010-17zM12 11v5.500M12 7.700V8",
            Self::WifiOff => {
                "M4 4l16 16M5 12.500a10 10 0 014-2.300M2 9a14.500 14.500 0 014.500-2.900M10.500 5.100A14.500 14.500 0 0122 9M15 10.700a10 10 0 014 1.800M8.500 16a5 5 0 017 0M12 19.500v.2"
            }
            Self::Play => "M7.500 4.800v14.400L19 12z",
            Self::Record => "M12 6a6 6 0 110 12 6 6 0 010-12z",
            Self::Stop => "M7 7h10v10H7z",
            Self::Megaphone => {
                "M4 10v4h3l8.500 4.500v-13L7 10zM18.500 9.500a4 4 0 010 5M7 14l1.200 5h2.300L9.500 15"
            }
            Self::Switch => "M4 8.500h14M14.500 5L18 8.500 14.500 12M20 15.500H6M9.500 12L6 15.500 9.500 19",
            Self::Globe => {
                "M12 3.500a8.500 8.500 0 110 17 8.500 8.500 0 010-17zM3.500 12h17M12 3.500c2.600 2.500 3.800 5.300 3.800 8.500s-1.200 6-3.800 8.500c-2.600-2.500-3.800-5.300-3.800-8.500s1.200-6 3.800-8.500z"
            }
            Self::Hourglass => {
                "M7 3.500h10M7 20.500h10M8 3.500v3.500c0 2.500 4 3.500 4 5s-4 2.500-4 5v3.500M16 3.500v3.500c0 2.500-4 3.500-4 5s4 2.500 4 5v3.500"
            }
            Self::Search => "M10.500 4a6.500 6.500 0 110 13 6.500 6.500 0 010-13zM15.300 15.300L20 20",
            Self::More => "M5.500 12h.01M12 12h.01M18.500 12h.01",
            Self::Smile => {
                "M12 3.500a8.500 8.500 0 110 17 8.500 8.500 0 010-17zM8.500 14a4.200 4.200 0 007 0M9 9.500v.5M15 9.500v.5"
            }
            Self::Plus => "M12 5.500v13M5.500 12h13",
            Self::Qr => {
                "M4.500 4.500h5.500v5.500H4.500zM14 4.500h5.500v5.500H14zM4.500 14h5.500v5.500H4.500zM14 14h2v2h-2zM19.500 14v2.500M14 19.500h2.500M19.500 19.500v.01"
            }
            Self::Share => "M12 14.500V4M8 7.500L12 3.500l4 4M6 11.500H5v8.500h14v-8.500h-1",
            Self::Heart => {
                "M12 20C7 16.300 3.500 13.200 3.500 9.300a4.400 4.400 0 018.500-1.600 4.400 4.400 0 018.500 1.600C20.500 13.200 17 16.300 12 20z"
            }
            Self::Face => {
                "M4 8.500V6a2 2 0 012-2h2.500M15.500 4H18a2 2 0 012 2v2.500M20 15.500V18a2 2 0 01-2 2h-2.500M8.500 20H6a2 2 0 01-2-2v-2.500M9 9.500v1M15 9.500v1M9 14.500a4.200 4.200 0 006 0"
            }
            Self::Wifi => {
                "M2 9a14.500 14.500 0 0120 0M5 12.500a10 10 0 0114 0M8.500 16a5 5 0 017 0M12 19.500v.2"
            }
            Self::Minus => "M5.500 12h13",
            Self::Up => "M5 15l7-7 7 7",
            Self::Trash => {
                "M4.500 6.500h15M9.500 6.500v-2h5v2M6.500 6.500l.9 13a1 1 0 001 .9h7.200a1 1 0 001-.9l.9-13M10 10.500v6M14 10.500v6"
            }
            Self::Pencil => "M4.500 19.500l1-4.500L16 4.500l3.500 3.500L9 18.500zM13.500 7l3.500 3.500",
            Self::Key => "M8 11.500a4 4 0 110 8 4 4 0 010-8zM11 12.500l8.500-8.500M16 7.500l3 3",
            Self::Eye => {
                "M2.500 12c2.200-4.200 5.500-6.500 9.500-6.500s7.300 2.300 9.500 6.500c-2.200 4.200-5.500 6.500-9.500 6.500S4.700 16.200 2.500 12zM12 9.200a2.800 2.800 0 110 5.600 2.800 2.800 0 010-5.600z"
            }
            Self::Image => {
                "M5.500 4.500h13a1 1 0 011 1v13a1 1 0 01-1 1h-13a1 1 0 01-1-1v-13a1 1 0 011-1zM9 8a1.300 1.300 0 110 2.600A1.300 1.300 0 019 8zM4.500 16.500l4.500-4 3.500 3 3-2.500 4 3.500"
            }
            Self::Download => "M12 4v10.500M7.500 10.500L12 15l4.500-4.500M5 19.500h14",
            Self::Tag => "M4 4.500h7.500l8 8a1.400 1.400 0 010 2l-5 5a1.400 1.400 0 01-2 0l-8-8zM8.500 9v.1",
            Self::Calendar => {
                "M5.500 5.500h13a1 1 0 011 1v12a1 1 0 01-1 1h-13a1 1 0 01-1-1v-12a1 1 0 011-1zM4.500 10h15M8.500 3.500v4M15.500 3.500v4"
            }
            Self::Ticks => "M2.500 12.500l4 4L15 8M10.500 16.500L19.500 8",
            Self::Flag => "M6 20.500V4.500c3-1.500 5.500 1.500 12 0v8.500c-6.500 1.500-9-1.500-12 0",
            Self::Block => "M12 3.500a8.500 8.500 0 110 17 8.500 8.500 0 010-17zM6 6l12 12",
            Self::Document => "M7 3.500h7l4 4v13H7a1 1 0 01-1-1v-15a1 1 0 011-1zM14 3.500v4h4M9 12h6M9 16h6",
        }
    }

    /// Drawn as a surface rather than as lines.
    const fn filled(self) -> bool {
        matches!(self, Self::Play | Self::Record | Self::Stop | Self::PhoneDown | Self::Phone)
    }
}

#[component]
pub fn Icon(glyph: Glyph) -> Element {
    let fill = if glyph.filled() { "currentColor" } else { "none" };
    rsx! {
        svg {
            class: "icon",
            view_box: "0 0 24 24",
            fill,
            stroke: "currentColor",
            stroke_width: if glyph == Glyph::More { "2.8" } else { "1.8" },
            stroke_linecap: "round",
            stroke_linejoin: "round",
            "aria-hidden": "true",
            path { d: glyph.lines() }
        }
    }
}
