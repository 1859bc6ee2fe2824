"""All tables in one place: importing this module fills the metadata."""

from sqlalchemy import MetaData

from knowledge.audit import models as audit
from knowledge.autosaves import models as autosaves
from knowledge.categories import models as categories
from knowledge.checks import models as checks
from knowledge.conversations import models as conversations
from knowledge.corrections import models as corrections
from knowledge.database.base import Base
from knowledge.departments import models as departments
from knowledge.entries import models as entries
from knowledge.evaluation import models as evaluation
from knowledge.feed import models as feed
from knowledge.feedback import models as feedback
from knowledge.filters import models as filters
from knowledge.gaps import models as gaps
from knowledge.imports import models as imports
from knowledge.lexicon import models as lexicon
from knowledge.notes import models as notes
from knowledge.outcomes import models as outcomes
from knowledge.people import models as people
from knowledge.pictures import models as pictures
from knowledge.queries import models as queries
from knowledge.reminders import models as reminders
from knowledge.rereviews import models as rereviews
from knowledge.rounds import models as rounds

CAPABILITIES = (
    audit,
    autosaves,
    categories,
    checks,
    conversations,
    corrections,
    departments,
    entries,
    evaluation,
    feed,
    feedback,
    filters,
    gaps,
    imports,
    lexicon,
    notes,
    outcomes,
    people,
    pictures,
    queries,
    reminders,
    rereviews,
    rounds,
)
METADATA: MetaData = Base.metadata
