//! A chart that somebody asks for by its form or its columns.

use super::column::Role;
use super::rules::{Drawing, RULES, Shape};
use super::{Form, MOST_SERIES};
use crate::error::{Code, Error, Result};

/// What a chart shall be; what is left open the rules choose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// The name of a form.
    pub form: Option<&'a str>,
    pub x: Option<&'a str>,
    pub y: Option<&'a str>,
    pub series: Option<&'a str>,
}

impl Wish<'_> {
    /// What to draw, and the rule that says so.
    pub(super) fn drawing(&self, shape: &Shape) -> Result<(Drawing, Option<&'static str>)> {
        let form = self.form.map(form).transpose()?;
        let named = |name: Option<&str>| name.map(|name| column(shape, name)).transpose();
        let wanted = Wanted { form, x: named(self.x)?, y: named(self.y)?, series: named(self.series)? };
        // Whoever wishes for bars of nothing gets nothing, as the rules have it.
        let agrees = |drawing: &Drawing| shape.rows == 0 || wanted.agrees(drawing);
        let found = RULES.iter().find_map(|rule| (rule.draw)(shape).filter(agrees).map(|drawing| (drawing, rule.name)));
        match found {
            Some((drawing, rule)) => Ok((drawing, Some(rule))),
            None => Ok((wanted.by_hand(shape)?, None)),
        }
    }
}

fn form(name: &str) -> Result<Form> {
    Form::ALL.into_iter().find(|form| form.as_str() == name).ok_or_else(|| {
        let names: Vec<String> = Form::ALL.iter().map(|form| format!("`{}`", form.as_str())).collect();
        let error = Error::new(Code::InvalidOption, format!("no chart is called `{name}`"));
        error.with_hint(format!("use one of {}", names.join(", ")))
    })
}

/// The column of that name, exactly or in other capitals.
fn column(shape: &Shape, name: &str) -> Result<usize> {
    let exact = shape.columns.iter().position(|column| column.name == name);
    let alike = || shape.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
    exact.or_else(alike).ok_or_else(|| {
        let names: Vec<String> = shape.columns.iter().map(|column| format!("`{}`", column.name)).collect();
        let error = Error::new(Code::InvalidOption, format!("the result has no column `{name}`"));
        error.with_hint(format!("its columns are {}", names.join(", ")))
    })
}

struct Wanted {
    form: Option<Form>,
    x: Option<usize>,
    y: Option<usize>,
    series: Option<usize>,
}

impl Wanted {
    fn agrees(&self, drawing: &Drawing) -> bool {
        let same = |wanted: Option<usize>, drawn: Option<usize>| wanted.is_none() || wanted == drawn;
        self.form.is_none_or(|form| form == drawing.form)
            && same(self.x, drawing.x)
            && same(self.y, drawing.y)
            && same(self.series, drawing.series)
    }

    /// No rule would have drawn it so: the columns are taken as they were named, the rest by what the form needs.
    fn by_hand(&self, shape: &Shape) -> Result<Drawing> {
        let form = self.form.unwrap_or_else(|| self.usual_form(shape));
        let cannot = |what: &str| {
            let error =
                Error::new(Code::InvalidOption, format!("a chart of the kind `{}` needs {what}", form.as_str()));
            Err(error.with_hint("name the columns with `x`, `y` and `series`, or let the rules choose"))
        };
        if form == Form::Table {
            return Ok(Drawing::TABLE);
        }
        let Some(y) = self.measure(shape) else { return cannot("a column of numbers") };
        if !shape.columns[y].numeric() {
            return cannot("numbers in the column of `y`");
        }
        if form == Form::Number {
            let drawing = Drawing { form, x: None, y: Some(y), series: None };
            return if shape.rows == 1 { Ok(drawing) } else { cannot("a single row") };
        }
        let taken = [Some(y), self.series];
        let Some(x) = self.x.or_else(|| first(shape, along(form), &taken)) else { return cannot("a second column") };
        if x == y || Some(x) == self.series || Some(y) == self.series {
            return cannot("another column in each place");
        }
        if shape.columns[x].role == Role::Other {
            return cannot("names, times or numbers in the column of `x`");
        }
        let few = |index: usize| Some(index).filter(|index| shape.columns[*index].distinct() <= MOST_SERIES);
        let series = match form {
            Form::GroupedBar => self.series.or_else(|| first(shape, BESIDE, &[Some(x), Some(y)]).and_then(few)),
            _ => self.series,
        };
        if form == Form::GroupedBar && series.is_none() {
            return cannot("a column of at most 10 values for `series`");
        }
        Ok(Drawing { form, x: Some(x), y: Some(y), series })
    }

    fn measure(&self, shape: &Shape) -> Option<usize> {
        let free = |index: &usize| Some(*index) != self.x && Some(*index) != self.series;
        self.y
            .or_else(|| shape.measure().filter(free))
            .or_else(|| first(shape, &[Role::Measure], &[self.x, self.series]))
    }

    fn usual_form(&self, shape: &Shape) -> Form {
        match (self.x.map(|x| shape.columns[x].role), self.series) {
            (Some(Role::Time | Role::Part), _) => Form::Line,
            (Some(Role::Measure), _) => Form::Scatter,
            (_, Some(_)) => Form::GroupedBar,
            _ => Form::Bar,
        }
    }
}

const BESIDE: &[Role] = &[Role::Category, Role::Part, Role::Time, Role::Key];

/// What stands along the axis, best first.
fn along(form: Form) -> &'static [Role] {
    match form {
        Form::Line => &[Role::Time, Role::Part, Role::Measure, Role::Category, Role::Key],
        Form::Scatter => &[Role::Measure, Role::Time, Role::Part, Role::Category, Role::Key],
        _ => &[Role::Category, Role::Time, Role::Part, Role::Key, Role::Measure],
    }
}

fn first(shape: &Shape, roles: &[Role], taken: &[Option<usize>]) -> Option<usize> {
    let of = |role: &Role| {
        let free = |index: &usize| shape.columns[*index].role == *role && !taken.contains(&Some(*index));
        (0..shape.columns.len()).find(free)
    };
    roles.iter().find_map(of)
}
