package config

// Common is what the API and the worker share.
type Common struct {
	Mode     Mode
	Log      Log
	Database Database
	Temporal Temporal
	Keys     Keys
	Metrics  Metrics
	Traces   Traces
	Terms    Terms
	Reach    Reach
	Webhooks Webhooks
}

// API is the configuration of the HTTP side.
type API struct {
	Common      Common
	HTTP        HTTP
	Links       Links
	OIDC        OIDC
	Trust       Trust
	Profiles    Profiles
	Registers   Registers
	Heads       Heads
	Offer       Offer
	Renewal     Renewal
	Help        Help
	Storage     Storage
	Sealing     Sealing
	Portal      Portal
	Assist      Assist
	ERIP        ERIP
	ERIPPaths   ERIPPaths
	Beneficiary Beneficiary
	AuditKeys   AuditKeys
	Backups     Backups
}

// Worker is the configuration of the process that runs workflows and activities.
type Worker struct {
	Common     Common
	Deployment Deployment
	Registers  Registers
	Trust      Trust
	Heads      Heads
	CA         CA
	Issuing    Issuing
	Audit      Audit
	AuditKeys  AuditKeys
	Sealing    Sealing
	SMTP       SMTP
	SMS        SMS
	Delivery   Delivery
	Portal     Portal
	ERIPPaths  ERIPPaths
	Storage    Storage
	Statements Statements
	Settlement SettlementFiles
	Assist     Assist
	// Beneficiary says whose statements arrive.
	Beneficiary Beneficiary
}

// Site is the configuration of the reference portal.
type Site struct {
	Mode   Mode
	Log    Log
	Portal Portal
	Pages  Pages
	OIDC   OIDC
}

// Migrate is the configuration of the command that prepares the database and
// registers search attributes.
type Migrate struct {
	Mode     Mode
	Log      Log
	Database Database
	Temporal Temporal
}

// Tools is the configuration of operators' commands that work on the ledger.
type Tools struct {
	Mode     Mode
	Database Database
	Assist   Assist
}

// Operator is the configuration of operators' commands: those that look into
// the audit log, the certificates and what is kept about persons.
type Operator struct {
	Database  Database
	Audit     Audit
	AuditKeys AuditKeys
	Sealing   Sealing
	Backups   Backups
	Links     Links
	// Namespace is Temporal.Namespace, without an address that is not needed.
	Namespace Namespace
}

// Namespace is where workflows are found in the Temporal UI.
type Namespace struct {
	Name string `env:"TEMPORAL_NAMESPACE" envDefault:"remote-issuance" doc:"Temporal namespace"`
}

// Rotation is the configuration of the command that rotates the master key.
type Rotation struct {
	Database Database
	Keys     Keys
}

// LoadAPI reads the API's configuration from environment variables; the
// error is an *Error with every problem there is.
func LoadAPI(environ map[string]string) (API, error) { return load(environ, API.problems) }

// LoadWorker reads the worker's configuration; errors as for LoadAPI.
func LoadWorker(environ map[string]string) (Worker, error) { return load(environ, Worker.problems) }

// LoadSite reads the portal's configuration; errors as for LoadAPI.
func LoadSite(environ map[string]string) (Site, error) { return load(environ, Site.problems) }

// LoadMigrate reads the configuration of the migrations; errors as for LoadAPI.
func LoadMigrate(environ map[string]string) (Migrate, error) { return load(environ, Migrate.problems) }

// LoadTools reads the configuration of operators' commands; errors as for LoadAPI.
func LoadTools(environ map[string]string) (Tools, error) { return load(environ, Tools.problems) }

// LoadOperator reads the configuration of operators' commands; errors as for LoadAPI.
func LoadOperator(environ map[string]string) (Operator, error) {
	return load(environ, Operator.problems)
}

// LoadMode reads what every process and command keeps to; errors as for LoadAPI.
func LoadMode(environ map[string]string) (Mode, error) {
	loaded, err := load(environ, func(m struct{ Mode Mode }) []Problem { return m.Mode.problems() })
	return loaded.Mode, err
}

// LoadRotation reads the configuration of the rotation of the master key;
// errors as for LoadAPI.
func LoadRotation(environ map[string]string) (Rotation, error) {
	return load(environ, Rotation.problems)
}
