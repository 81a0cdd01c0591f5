// Package govuk renders the components of govuk-frontend 6.6 that the portal
// uses: a struct for each and a template of the same name, which give the HTML
// of its published fixtures. All texts are escaped; a component takes no HTML.
package govuk
