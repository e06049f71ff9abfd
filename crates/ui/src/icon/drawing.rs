use super::IconName;

/// One path on a 16×16 grid, stroked 1.5 wide. Circles are two arcs, so that a drawing is one string.
pub(super) const fn path(name: IconName) -> &'static str {
    match name {
        IconName::Activity => "M1.75 8.5h2.5L6.5 3l3 10 2.25-4.5h2.5",
        IconName::Bell => "M4 11.25V7a4 4 0 0 1 8 0v4.25M2.75 11.25h10.5M6.75 13.75h2.5",
        IconName::Certificate => {
            "M13.75 8V2.75H2.25v8h5M4.75 5.5h6.5M4.75 8h2.5M9.25 9.75a2 2 0 1 0 4 0a2 2 0 1 0-4 0M10 11.5v3l1.25-.75 1.25.75v-3"
        }
        IconName::Chart => "M2.25 2.25v11.5h11.5M5.25 10.5V8M8.25 10.5v-5M11.25 10.5V4",
        IconName::Check => "M3 8.5l3.25 3.25L13 4.75",
        IconName::CheckCircle => "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0M5.25 8.25l2 2 3.5-4",
        IconName::ChevronDown => "M3.75 6L8 10.25 12.25 6",
        IconName::ChevronLeft => "M10 3.75L5.75 8 10 12.25",
        IconName::ChevronRight => "M6 3.75L10.25 8 6 12.25",
        IconName::Clock => "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0M8 4.75V8l2.25 1.5",
        IconName::Close => "M3.75 3.75l8.5 8.5M12.25 3.75l-8.5 8.5",
        IconName::Copy => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
        IconName::Cpu => {
            "M4 4h8v8H4zM6.5 6.5h3v3h-3zM6 1.75V4M10 1.75V4M6 12v2.25M10 12v2.25M1.75 6H4M1.75 10H4M12 6h2.25M12 10h2.25"
        }
        IconName::Dot => {
            "M5.75 8a2.25 2.25 0 1 0 4.5 0a2.25 2.25 0 1 0-4.5 0M7.25 8a.75.75 0 1 0 1.5 0a.75.75 0 1 0-1.5 0"
        }
        IconName::Download => "M8 2v8M4.75 6.75L8 10l3.25-3.25M2.5 13.5h11",
        IconName::Edit => "M10.75 2.75l2.5 2.5L5.5 13l-3.25.75L3 10.5zM9 4.5L11.5 7",
        IconName::Error => "M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5zM6 6l4 4M10 6l-4 4",
        IconName::External => "M6.5 3H3v10h10V9.5M9.5 2.5h4v4M13.5 2.5l-6 6",
        IconName::Eye => {
            "M1.5 8C3 5 5.25 3.5 8 3.5S13 5 14.5 8c-1.5 3-3.75 4.5-6.5 4.5S3 11 1.5 8zM6 8a2 2 0 1 0 4 0a2 2 0 1 0-4 0"
        }
        IconName::EyeOff => {
            "M2.5 2.5l11 11M6.2 3.75A6.6 6.6 0 0 1 8 3.5c2.75 0 5 1.5 6.5 4.5a10 10 0 0 1-1.8 2.5M4.1 4.9A9.6 9.6 0 0 0 1.5 8c1.5 3 3.75 4.5 6.5 4.5 1.1 0 2.1-.25 3-.7M6.6 6.6a2 2 0 0 0 2.8 2.8"
        }
        IconName::Filter => "M2 4h12M4.5 8h7M6.75 12h2.5",
        IconName::Gateway => "M3 2.5v11M13 2.5v11M5.5 8h5M8.5 6l2 2-2 2",
        IconName::Globe => {
            "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0M2 8h12M8 2c3.25 3.5 3.25 8.5 0 12M8 2c-3.25 3.5-3.25 8.5 0 12"
        }
        IconName::Home => "M2.25 7.25L8 2.25l5.75 5M3.75 6.25v7.5h8.5v-7.5M6.5 13.75V9.5h3v4.25",
        IconName::Info => "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0M8 7.5V11M8 5.1v.01",
        IconName::Key => {
            "M2 10.75a3.25 3.25 0 1 0 6.5 0a3.25 3.25 0 1 0-6.5 0M7.6 8.4l5.9-5.9M11 5l2 2M9.2 6.8l1.3 1.3"
        }
        IconName::Language => {
            "M2 4h7M5.5 2.5V4M7.5 4c-.5 2.5-2.5 4.75-5.25 6M3.75 4c.6 2.2 2.2 4.2 4.25 5.25M7.75 13.75L11 6.5l3.25 7.25M8.9 11.25h4.2"
        }
        IconName::List => "M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4v.01M2.5 8v.01M2.5 12v.01",
        IconName::Lock => "M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
        IconName::Logout => "M6.5 2.5h-4v11h4M10 5l3 3-3 3M13 8H6",
        IconName::Menu => "M2.5 4h11M2.5 8h11M2.5 12h11",
        IconName::Minus => "M3 8h10",
        IconName::Monitor => "M1.75 2.75h12.5v8.5H1.75zM5.5 13.75h5M8 11.25v2.5",
        IconName::Moon => "M13.5 9.75A5.75 5.75 0 0 1 6.25 2.5a5.75 5.75 0 1 0 7.25 7.25z",
        IconName::More => {
            "M2.75 8a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0M7.5 8a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0M12.25 8a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0"
        }
        IconName::Network => {
            "M6.25 2h3.5v3.5h-3.5zM1.75 10.5h3.5V14h-3.5zM10.75 10.5h3.5V14h-3.5zM8 5.5V8M3.5 10.5V8h9v2.5"
        }
        IconName::Pause => "M5.5 3v10M10.5 3v10",
        IconName::Play => "M4.5 2.75v10.5L13 8z",
        IconName::Plus => "M8 3v10M3 8h10",
        IconName::Refresh => "M13.5 8a5.5 5.5 0 1 1-1.7-4M12.25 1.5v2.75H9.5",
        IconName::Search => "M2.25 7a4.75 4.75 0 1 0 9.5 0a4.75 4.75 0 1 0-9.5 0M10.5 10.5l3.25 3.25",
        IconName::Service => "M8 1.75l5.5 3v6.5l-5.5 3-5.5-3v-6.5zM2.5 4.75l5.5 3 5.5-3M8 7.75v6.5",
        IconName::Settings => {
            "M2 4.5h6M11.5 4.5H14M2 11.5h2.5M8 11.5h6M8 4.5a1.75 1.75 0 1 0 3.5 0a1.75 1.75 0 1 0-3.5 0M4.5 11.5a1.75 1.75 0 1 0 3.5 0a1.75 1.75 0 1 0-3.5 0"
        }
        IconName::Shield => {
            "M8 1.75l5.25 2v4c0 3-2.2 5.4-5.25 6.5-3.05-1.1-5.25-3.5-5.25-6.5v-4zM5.75 8l1.6 1.6 2.9-3.2"
        }
        IconName::Sort => "M5 6l3-3 3 3M5 10l3 3 3-3",
        IconName::SortDown => "M8 3.5v9M4.5 9L8 12.5 11.5 9",
        IconName::SortUp => "M8 12.5v-9M4.5 7L8 3.5 11.5 7",
        IconName::Spinner => "M14 8a6 6 0 1 1-6-6",
        IconName::Star => "M8 2l1.8 3.75 4.1.55-3 2.85.75 4.1L8 11.3l-3.65 1.95.75-4.1-3-2.85 4.1-.55z",
        IconName::Stop => "M3.5 3.5h9v9h-9z",
        IconName::Sun => {
            "M5.25 8a2.75 2.75 0 1 0 5.5 0a2.75 2.75 0 1 0-5.5 0M8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7"
        }
        IconName::Terminal => "M1.75 2.75h12.5v10.5H1.75zM4.5 6l2.25 2-2.25 2M8.25 10.25h3",
        IconName::Trash => "M2.5 4.25h11M6 4.25V2.5h4v1.75M4 4.25l.6 9.25h6.8l.6-9.25M6.6 7v3.75M9.4 7v3.75",
        IconName::Unknown => {
            "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0M6.25 6.4a1.8 1.8 0 1 1 2.6 1.6c-.6.35-.85.65-.85 1.2M8 11.4v.01"
        }
        IconName::Upload => "M8 10V2M4.75 5.25L8 2l3.25 3.25M2.5 13.5h11",
        IconName::User => {
            "M5.25 5a2.75 2.75 0 1 0 5.5 0a2.75 2.75 0 1 0-5.5 0M2.75 13.75c.4-3 2.5-4.25 5.25-4.25s4.85 1.25 5.25 4.25"
        }
        IconName::Users => {
            "M3.75 5.25a2.25 2.25 0 1 0 4.5 0a2.25 2.25 0 1 0-4.5 0M1.5 13c.3-2.6 2-3.75 4.5-3.75s4.2 1.15 4.5 3.75M10.25 3.1a2.25 2.25 0 0 1 0 4.3M12 9.6c1.5.5 2.3 1.7 2.5 3.4"
        }
        IconName::Warning => "M8 2.25l6.25 11.25H1.75zM8 6.5v3.25M8 11.6v.01",
    }
}
