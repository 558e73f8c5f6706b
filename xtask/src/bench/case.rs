//! The workspaces that are measured.

/// What a synthetic workspace holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// This many notebooks of 50 KB, none of which refers to another.
    Notebooks(u32),
    /// 60 notebooks, 20 pipelines that each run one of them, 10 copy jobs and 10 activators.
    Mixed,
}

impl Case {
    pub(crate) const ALL: [Self; 5] =
        [Self::Notebooks(50), Self::Notebooks(200), Self::Notebooks(1_000), Self::Notebooks(2_000), Self::Mixed];
    /// Those for which there is a budget in comparison with another tool.
    pub(crate) const COMPARED: [Self; 2] = [Self::Notebooks(50), Self::Mixed];

    /// Reads a name as [`Case::name`] gives it; any number of notebooks will do.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        if name == "mixed-100" {
            return Ok(Self::Mixed);
        }
        let count = name.strip_prefix("notebooks-").and_then(|count| count.parse().ok());
        count.map(Self::Notebooks).ok_or_else(|| format!("there is no case `{name}`: notebooks-<N> or mixed-100"))
    }

    pub(crate) fn name(self) -> String {
        match self {
            Self::Notebooks(count) => format!("notebooks-{count}"),
            Self::Mixed => "mixed-100".to_owned(),
        }
    }
}
