macro_rules! icon_names {
    ($($name:ident,)*) => {
        /// The drawings [`crate::Icon`] knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum IconName {
            $($name,)*
        }

        impl IconName {
            /// Every drawing, for the gallery and the tests.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

icon_names! {
    Activity,
    Bell,
    Certificate,
    Chart,
    Check,
    CheckCircle,
    ChevronDown,
    ChevronLeft,
    ChevronRight,
    Clock,
    Close,
    Copy,
    Cpu,
    Dot,
    Download,
    Edit,
    Error,
    External,
    Eye,
    EyeOff,
    Filter,
    Gateway,
    Globe,
    Home,
    Info,
    Key,
    Language,
    List,
    Lock,
    Logout,
    Menu,
    Minus,
    Monitor,
    Moon,
    More,
    Network,
    Pause,
    Play,
    Plus,
    Refresh,
    Search,
    Service,
    Settings,
    Shield,
    Sort,
    SortDown,
    SortUp,
    Spinner,
    Star,
    Stop,
    Sun,
    Terminal,
    Trash,
    Unknown,
    Upload,
    User,
    Users,
    Warning,
}
