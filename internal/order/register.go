package order

// RegisterAnswers are the states of registers by their names.
type RegisterAnswers map[string]RegisterState

// RegisterState is what is known of one register's answer about an order (S7).
type RegisterState string

// The states of a register's answer.
const (
	RegisterWaiting RegisterState = "waiting"
	RegisterAgrees  RegisterState = "agrees"
	RegisterDiffers RegisterState = "differs"
	// RegisterSilent registers are asked again.
	RegisterSilent RegisterState = "silent"
)
