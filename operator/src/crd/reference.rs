//! The definitions as a page for people, `docs/reference.md`: every field, what may stand there, and
//! what the API server says when something else does.
//!
//! Made from the same definitions that are installed, so it cannot say anything else than they do.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
    ValidationRule,
};

use super::{API_VERSION, APPROVED_PLAN, MANAGED, PAUSED, TOPIC_FINALIZER};

/// The whole page.
#[must_use]
pub fn document() -> String {
    let kinds: Vec<String> = super::definitions().iter().map(kind).collect();
    format!("{}\n{}\n{}", introduction(), kinds.join("\n"), annotations())
}

fn introduction() -> String {
    format!(
        "\
# Reference of the manifests

<!-- Written by `cargo xtask crds` from operator/src/crd; a test holds it to that. -->

Every field of the kinds in `{API_VERSION}`. `kubectl explain clusters.klamm.dev.spec` says the same, and
`klamm up` holds manifests to the same rules on a laptop, with the same sentences.

A field without a default may be left out, unless it is *required*. `[]` in a path stands for each entry of a
list. A field that is not listed here is refused by `klamm up`, and by `kubectl apply` too, which checks
manifests before it sends them.
"
    )
}

fn kind(definition: &CustomResourceDefinition) -> String {
    let names = &definition.spec.names;
    let version = definition.spec.versions.first().expect("a derived definition has a version");
    let schema = version.schema.as_ref().and_then(|schema| schema.open_api_v3_schema.as_ref());
    let schema = schema.expect("a derived definition has a schema");
    let mut fields = Vec::new();
    walk("", schema, false, &mut fields);
    let (spec, status): (Vec<Field<'_>>, Vec<Field<'_>>) =
        fields.into_iter().partition(|field| !field.path.starts_with("status"));
    let short = names.short_names.iter().flatten().map(|name| format!("`{name}`"));
    format!(
        "## {kind}\n\n{intro} In commands: `{name}`, short {short}.\n\n\
         ### {kind}: what you write\n\n{written}\n### {kind}: what is refused\n\n{refused}\n\
         ### {kind}: what the operator answers\n\n{answered}",
        kind = names.kind,
        intro = described(schema),
        name = definition.metadata.name.as_deref().unwrap_or_default(),
        short = short.collect::<Vec<_>>().join(", "),
        written = written(&spec),
        refused = refused(&spec),
        answered = answered(&status),
    )
}

/// One field of a definition.
struct Field<'a> {
    path: String,
    schema: &'a JSONSchemaProps,
    required: bool,
}

/// Collects a schema and everything below it, parents before their children.
fn walk<'a>(path: &str, schema: &'a JSONSchemaProps, required: bool, fields: &mut Vec<Field<'a>>) {
    fields.push(Field { path: path.to_owned(), schema, required });
    for (name, below) in schema.properties.iter().flatten() {
        let is_required = schema.required.iter().flatten().any(|required| required == name);
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        walk(&path, below, is_required, fields);
    }
    if let Some(item) = item(schema)
        && item.properties.is_some()
    {
        let children = fields.len();
        walk(&format!("{path}[]"), item, false, fields);
        // The list has told of its entries already.
        let entry = fields.remove(children);
        if entry.schema.x_kubernetes_validations.is_some() {
            fields.insert(children, entry);
        }
    }
}

fn written(fields: &[Field<'_>]) -> String {
    let rows = fields.iter().filter(|field| is_told(field)).map(|field| {
        [path(field), type_(field.schema), default(field), bounds(field.schema), told(field)]
    });
    table(&["Field", "Type", "Default", "May be", "What it is"], rows)
}

fn answered(fields: &[Field<'_>]) -> String {
    let rows = fields.iter().filter(|field| is_told(field));
    let rows = rows.map(|field| [path(field), type_(field.schema), told(field)]);
    table(&["Field", "Type", "What it is"], rows)
}

/// The rules that the API server evaluates, by the sentences they refuse with.
fn refused(fields: &[Field<'_>]) -> String {
    let rows = fields.iter().flat_map(|field| {
        let rules = field.schema.x_kubernetes_validations.iter().flatten();
        rules.map(move |rule| {
            let below = rule.field_path.as_deref().unwrap_or_default();
            let place = format!("{}{below}", field.path);
            let place = if place.is_empty() { "the object".into() } else { code(&place) };
            [place, cell(&sentence(rule))]
        })
    });
    table(&["Where", "What the answer says"], rows)
}

/// The message of a rule; for one that is computed, its text with the numbers left open.
fn sentence(rule: &ValidationRule) -> String {
    if let Some(message) = &rule.message {
        return message.clone();
    }
    let expression = rule.message_expression.as_deref().unwrap_or(&rule.rule);
    let text = expression.split('\'').nth(1).unwrap_or(expression);
    text.replace("%d", "…").replace("%s", "…")
}

/// The object itself and the entries of lists are there for their rules only.
fn is_told(field: &Field<'_>) -> bool {
    !field.path.is_empty() && !field.path.ends_with("[]")
}

fn path(field: &Field<'_>) -> String {
    code(&field.path)
}

fn type_(schema: &JSONSchemaProps) -> String {
    if let Some(item) = item(schema) {
        return format!("list of {}s", type_(item));
    }
    if let Some(JSONSchemaPropsOrBool::Schema(_)) = &schema.additional_properties {
        return "map of strings".to_owned();
    }
    match (schema.type_.as_deref(), schema.format.as_deref()) {
        (_, Some("date-time")) => "time".to_owned(),
        (type_, _) => type_.unwrap_or("any").to_owned(),
    }
}

fn item(schema: &JSONSchemaProps) -> Option<&JSONSchemaProps> {
    match schema.items.as_ref()? {
        JSONSchemaPropsOrArray::Schema(item) => Some(item),
        JSONSchemaPropsOrArray::Schemas(items) => items.first(),
    }
}

fn default(field: &Field<'_>) -> String {
    if field.required {
        return "*required*".to_owned();
    }
    let Some(default) = &field.schema.default else { return String::new() };
    default.0.as_str().map_or_else(|| code(&default.0.to_string()), code)
}

/// What may stand there, as far as a schema says it without a rule.
fn bounds(schema: &JSONSchemaProps) -> String {
    let all = [
        range(whole(schema.minimum), whole(schema.maximum), ""),
        range(schema.min_length, schema.max_length, " characters"),
        range(schema.min_items, schema.max_items, " entries"),
        range(schema.min_properties, schema.max_properties, " entries"),
        schema.pattern.as_deref().map(code),
        one_of(item(schema).unwrap_or(schema)),
    ];
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn range(low: Option<i64>, high: Option<i64>, of: &str) -> Option<String> {
    match (low, high) {
        (None, None) => None,
        (None, Some(high)) => Some(format!("at most {high}{of}")),
        (Some(low), None) => Some(format!("at least {low}{of}")),
        (Some(low), Some(high)) => Some(format!("{low} to {high}{of}")),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "bounds are written as whole numbers")]
fn whole(bound: Option<f64>) -> Option<i64> {
    bound.map(|bound| bound as i64)
}

fn one_of(schema: &JSONSchemaProps) -> Option<String> {
    let values = schema.enum_.as_ref()?.iter().filter_map(|value| value.0.as_str());
    Some(values.map(code).collect::<Vec<_>>().join(", "))
}

fn told(field: &Field<'_>) -> String {
    cell(&described(field.schema))
}

fn described(schema: &JSONSchemaProps) -> String {
    schema.description.as_deref().unwrap_or_default().replace('\n', " ")
}

fn code(text: &str) -> String {
    format!("`{}`", cell(text))
}

/// A bar would end the cell, also inside of code.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn table<const N: usize>(head: &[&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut lines = vec![format!("| {} |", head.join(" | ")), format!("|{}", "---|".repeat(N))];
    lines.extend(rows.map(|row| format!("| {} |", row.join(" | "))));
    lines.join("\n") + "\n"
}

fn annotations() -> String {
    format!(
        "\
## Annotations and finalizers

| Name | On | What it does |
|---|---|---|
| `{APPROVED_PLAN}` | Cluster | Holds the hash of `status.plan` to approve that plan, with `apply: Manual`. |
| `{PAUSED}` | both | With the value `true`, the object is left as it is for a while: nothing is changed. |
| `{MANAGED}` | Topic | With the value `false`, the object stays and its topic is neither changed nor deleted. |
| `{TOPIC_FINALIZER}` | Topic | Set by the operator with `deletionPolicy: Delete`; holds the object until its topic is deleted. |
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_all_fields_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference.md");
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(found == document(), "docs/reference.md is stale: run `cargo xtask crds`");
    }

    #[test]
    fn every_field_is_told_of() {
        for definition in super::super::definitions() {
            let version = definition.spec.versions.into_iter().next().unwrap();
            let schema = version.schema.unwrap().open_api_v3_schema.unwrap();
            let mut fields = Vec::new();
            walk("", &schema, false, &mut fields);
            for field in fields.iter().filter(|field| is_told(field)) {
                let described = described(field.schema);
                assert!(described.ends_with('.'), "{} has no sentence", field.path);
            }
        }
    }

    #[test]
    fn a_field_that_may_be_left_out_is_told_of_in_its_own_sentence() {
        let row = document().lines().find(|row| row.contains("imagePullPolicy")).map(str::to_owned);
        assert!(row.unwrap().contains("Left out: as Kubernetes does by the image's tag."));
    }

    #[test]
    fn a_computed_message_is_shown_with_its_numbers_left_open() {
        let expression = "'there are %d, and %d would lose'.format([oldSelf, self])".to_owned();
        let rule =
            ValidationRule { message_expression: Some(expression), ..ValidationRule::default() };
        assert_eq!(sentence(&rule), "there are …, and … would lose");
    }
}
