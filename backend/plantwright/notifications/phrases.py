"""Built-in templates, in four languages."""

from collections.abc import Mapping
from typing import Final

from plantwright.alerts.models import Severity
from plantwright.notifications.events import Event
from plantwright.notifications.models import Language
from plantwright.notifications.templates import Words

SEVERITIES: Final[Mapping[Language, Mapping[str, str]]] = {
    Language.EN: {Severity.CRITICAL: "Critical", Severity.WARNING: "Warning", Severity.INFO: "Info"},
    Language.DE: {Severity.CRITICAL: "Kritisch", Severity.WARNING: "Warnung", Severity.INFO: "Hinweis"},
    Language.FR: {Severity.CRITICAL: "Critique", Severity.WARNING: "Avertissement", Severity.INFO: "Information"},
    Language.ES: {Severity.CRITICAL: "Crítica", Severity.WARNING: "Advertencia", Severity.INFO: "Información"},
}
_HEAD = "{{ severity }}: {{ where }}{% if metric %}, {{ metric }}{% endif %}"
_SITE = "{% if site %}{{ site }}. {% endif %}"


def _alert(severity_suffix: str, since: str) -> Words:
    return Words(_HEAD + severity_suffix, "{{ message }}\n" + _SITE + since)


def _digest(subject: str, late: str) -> Words:
    return Words(subject, "{{ alerts }}\n{% if late_minutes %}" + late + "{% endif %}")


BUILT_IN: Final[Mapping[Language, Mapping[Event, Words]]] = {
    Language.EN: {
        Event.ALERT_RAISED: _alert("", "Since {{ raised_at }}."),
        Event.ALERT_SEVERITY_RAISED: _alert(" (worse)", "Since {{ raised_at }}, now worse."),
        Event.ALERT_UNSHELVED: _alert(" (again)", "Since {{ raised_at }}; it was not announced for a while."),
        Event.ALERT_CLEARED: Words("Over: {{ where }}{% if metric %}, {{ metric }}{% endif %}", "{{ message }}\nOver."),
        Event.ALERT_ACKNOWLEDGED: Words(
            "Acknowledged: {{ where }}{% if metric %}, {{ metric }}{% endif %}", "{{ message }}\nSomebody is on it."
        ),
        Event.ALERT_ESCALATED: Words(
            "Escalated: " + _HEAD,
            "{{ message }}\nNobody has acknowledged it since {{ raised_at }}. {{ policy }}, step {{ step }}."
            "{% if late_minutes %} Told {{ late_minutes }} minutes late.{% endif %}",
        ),
        Event.FLOOD_BEGAN: Words(
            "Alarm flood{% if site %}: {{ site }}{% endif %}",
            "Many alerts within minutes. Until it is over, only critical ones are announced one by one; the alert "
            "list has them all.",
        ),
        Event.FLOOD_ENDED: Words(
            "Alarm flood over{% if site %}: {{ site }}{% endif %}", "{{ count }} alerts were raised in it."
        ),
        Event.DIGEST: _digest(
            "{{ count }} alert{% if count != 1 %}s{% endif %} "
            "{% if cause == 'flood' %}in an alarm flood{% else %}in quiet hours"
            "{% endif %}, {{ open_count }} still open",
            "This summary comes {{ late_minutes }} minutes late.",
        ),
        Event.CHANNEL_DISABLED: Words("Channel switched off: {{ channel }}", "{{ reason }}"),
        Event.TEST: Words("Test of {{ channel }}", "This channel works. Nothing is wrong with any machine."),
    },
    Language.DE: {
        Event.ALERT_RAISED: _alert("", "Seit {{ raised_at }}."),
        Event.ALERT_SEVERITY_RAISED: _alert(" (schlimmer)", "Seit {{ raised_at }}, jetzt schlimmer."),
        Event.ALERT_UNSHELVED: _alert(" (wieder)", "Seit {{ raised_at }}; eine Weile wurde es nicht gemeldet."),
        Event.ALERT_CLEARED: Words(
            "Vorbei: {{ where }}{% if metric %}, {{ metric }}{% endif %}", "{{ message }}\nVorbei."
        ),
        Event.ALERT_ACKNOWLEDGED: Words(
            "Quittiert: {{ where }}{% if metric %}, {{ metric }}{% endif %}",
            "{{ message }}\nJemand kümmert sich darum.",
        ),
        Event.ALERT_ESCALATED: Words(
            "Eskaliert: " + _HEAD,
            "{{ message }}\nSeit {{ raised_at }} hat es niemand quittiert. {{ policy }}, Stufe {{ step }}."
            "{% if late_minutes %} {{ late_minutes }} Minuten verspätet.{% endif %}",
        ),
        Event.FLOOD_BEGAN: Words(
            "Alarmflut{% if site %}: {{ site }}{% endif %}",
            "Viele Alarme in wenigen Minuten. Bis sie vorbei ist, werden nur kritische einzeln gemeldet; die "
            "Alarmliste zeigt alle.",
        ),
        Event.FLOOD_ENDED: Words(
            "Alarmflut vorbei{% if site %}: {{ site }}{% endif %}", "Es waren {{ count }} Alarme."
        ),
        Event.DIGEST: _digest(
            "{{ count }} {% if count == 1 %}Alarm{% else %}Alarme{% endif %} "
            "{% if cause == 'flood' %}in einer Alarmflut{% else %}in der Ruhezeit"
            "{% endif %}, {{ open_count }} noch offen",
            "Diese Zusammenfassung kommt {{ late_minutes }} Minuten verspätet.",
        ),
        Event.CHANNEL_DISABLED: Words("Kanal abgeschaltet: {{ channel }}", "{{ reason }}"),
        Event.TEST: Words("Test von {{ channel }}", "Dieser Kanal funktioniert. Keiner Maschine fehlt etwas."),
    },
    Language.FR: {
        Event.ALERT_RAISED: _alert("", "Depuis {{ raised_at }}."),
        Event.ALERT_SEVERITY_RAISED: _alert(" (aggravée)", "Depuis {{ raised_at }}, maintenant plus grave."),
        Event.ALERT_UNSHELVED: _alert(" (de nouveau)", "Depuis {{ raised_at }} ; elle n'était plus annoncée."),
        Event.ALERT_CLEARED: Words(
            "Terminé : {{ where }}{% if metric %}, {{ metric }}{% endif %}", "{{ message }}\nC'est terminé."
        ),
        Event.ALERT_ACKNOWLEDGED: Words(
            "Acquittée : {{ where }}{% if metric %}, {{ metric }}{% endif %}",
            "{{ message }}\nQuelqu'un s'en occupe.",
        ),
        Event.ALERT_ESCALATED: Words(
            "Escalade : " + _HEAD,
            "{{ message }}\nPersonne ne l'a acquittée depuis {{ raised_at }}. {{ policy }}, étape {{ step }}."
            "{% if late_minutes %} Annoncée avec {{ late_minutes }} minutes de retard.{% endif %}",
        ),
        Event.FLOOD_BEGAN: Words(
            "Avalanche d'alarmes{% if site %} : {{ site }}{% endif %}",
            "Beaucoup d'alarmes en quelques minutes. Jusqu'à la fin, seules les critiques sont annoncées une à une ; "
            "la liste les montre toutes.",
        ),
        Event.FLOOD_ENDED: Words(
            "Fin de l'avalanche d'alarmes{% if site %} : {{ site }}{% endif %}", "Elle a compté {{ count }} alarmes."
        ),
        Event.DIGEST: _digest(
            "{{ count }} alarme{% if count != 1 %}s{% endif %} pendant "
            "{% if cause == 'flood' %}une avalanche d'alarmes{% else %}les heures calmes"
            "{% endif %}, {{ open_count }} en cours",
            "Ce résumé arrive avec {{ late_minutes }} minutes de retard.",
        ),
        Event.CHANNEL_DISABLED: Words("Canal désactivé : {{ channel }}", "{{ reason }}"),
        Event.TEST: Words("Test de {{ channel }}", "Ce canal fonctionne. Aucune machine n'a de problème."),
    },
    Language.ES: {
        Event.ALERT_RAISED: _alert("", "Desde {{ raised_at }}."),
        Event.ALERT_SEVERITY_RAISED: _alert(" (peor)", "Desde {{ raised_at }}, ahora peor."),
        Event.ALERT_UNSHELVED: _alert(" (de nuevo)", "Desde {{ raised_at }}; no se anunció durante un tiempo."),
        Event.ALERT_CLEARED: Words(
            "Terminado: {{ where }}{% if metric %}, {{ metric }}{% endif %}", "{{ message }}\nHa terminado."
        ),
        Event.ALERT_ACKNOWLEDGED: Words(
            "Reconocida: {{ where }}{% if metric %}, {{ metric }}{% endif %}",
            "{{ message }}\nAlguien se ocupa de ello.",
        ),
        Event.ALERT_ESCALATED: Words(
            "Escalada: " + _HEAD,
            "{{ message }}\nNadie la ha reconocido desde {{ raised_at }}. {{ policy }}, paso {{ step }}."
            "{% if late_minutes %} Anunciada con {{ late_minutes }} minutos de retraso.{% endif %}",
        ),
        Event.FLOOD_BEGAN: Words(
            "Avalancha de alarmas{% if site %}: {{ site }}{% endif %}",
            "Muchas alarmas en pocos minutos. Hasta que termine, solo las críticas se anuncian una a una; la lista "
            "las muestra todas.",
        ),
        Event.FLOOD_ENDED: Words(
            "Fin de la avalancha de alarmas{% if site %}: {{ site }}{% endif %}", "Hubo {{ count }} alarmas."
        ),
        Event.DIGEST: _digest(
            "{{ count }} alarma{% if count != 1 %}s{% endif %} en "
            "{% if cause == 'flood' %}una avalancha de alarmas{% else %}las horas de silencio"
            "{% endif %}, {{ open_count }} sin resolver",
            "Este resumen llega con {{ late_minutes }} minutos de retraso.",
        ),
        Event.CHANNEL_DISABLED: Words("Canal desactivado: {{ channel }}", "{{ reason }}"),
        Event.TEST: Words("Prueba de {{ channel }}", "Este canal funciona. Ninguna máquina tiene problemas."),
    },
}
