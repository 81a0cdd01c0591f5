package erip

// Lines for the payer. ERIP shows them on terminals and in banking programs,
// which are in Russian.
const (
	textBadMessage       = "Сообщение не распознано"
	textOtherService     = "Услуга не обслуживается"
	textTryLater         = "Сервис временно недоступен, повторите попытку позже"
	textUnknownOrder     = "Заказ не найден, проверьте номер"
	textClosed           = "Заказ закрыт, оплата не принимается"
	textAlreadyPaid      = "Заказ уже оплачен"
	textOverdue          = "Срок оплаты заказа истёк"
	textBeingPaid        = "Заказ оплачивается, повторите попытку через 30 минут"
	textMethodNotAllowed = "Заказ нельзя оплатить через ЕРИП"
	textWrongAmount      = "Сумма не равна стоимости заказа"
	textWrongCurrency    = "Оплата принимается только в белорусских рублях"
	textOtherPayment     = "Данные платежа не совпадают с начатым платежом"
	textUnknownPayment   = "Платёж не найден"
	textNotPaid          = "Платёж не завершён, сторнировать нечего"
	textNoReversal       = "Сторнирование невозможно: сертификат изготавливается или выдан"
	textStornNotStarted  = "Сторнирование не начиналось"
	textOrder            = "Заказ "
	textPaid             = "Оплата принята"
	textKept             = "Платёж получен, его проверит оператор"
	textCancelled        = "Платёж отменён"
)
