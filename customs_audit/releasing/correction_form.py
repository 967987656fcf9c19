"""The form by which an officer corrects a verdict."""

from django import forms

from customs_audit.releasing.corrections import Correction
from declarations.audit_checks import REASON_TEXT_LENGTH, VERDICTS
from declarations.code_tables import reasons
from declarations.models import AuditVerdict


def _reason_choices() -> list[tuple[str, str]]:
    return [(code, f"{code} {name}") for code, name in reasons().items()]


class CorrectionForm(forms.Form):
    """结论, its reasons, and whether the judged text becomes the declared one."""

    verdict = forms.ChoiceField(
        label="审核结论",
        choices=[(word, word) for word in VERDICTS],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择审核结论。", "invalid_choice": "请选择规范或不规范。"},
    )
    reason_codes = forms.MultipleChoiceField(
        label="原因代码",
        choices=_reason_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "原因代码不在代码表中，请刷新页面后重新选择。"},
    )
    reason_text = forms.CharField(
        label="原因说明",
        required=False,
        max_length=REASON_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": f"原因说明最多 {REASON_TEXT_LENGTH:,} 个字，请精简。"},
    )
    takes_declared_text = forms.BooleanField(label="审核文本改为申报文本", required=False)

    @classmethod
    def of(cls, verdict: AuditVerdict) -> "CorrectionForm":
        """Return the form filled with what the verdict says."""
        return cls(
            initial={
                "verdict": "规范" if verdict.conforming else "不规范",
                "reason_codes": verdict.reason_codes,
                "reason_text": verdict.reason_text,
            }
        )

    def wanted(self) -> Correction:
        """Return what a valid form asks for."""
        said = self.cleaned_data
        return Correction(
            conforming=VERDICTS[said["verdict"]],
            reason_codes=said["reason_codes"],
            reason_text=said["reason_text"],
            takes_declared_text=said["takes_declared_text"],
        )
