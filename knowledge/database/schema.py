"""All tables in one place: importing this module fills the metadata."""

from sqlalchemy import MetaData

from knowledge.audit import models as audit
from knowledge.categories import models as categories
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
from knowledge.lexicon import models as lexicon
from knowledge.notes import models as notes
from knowledge.outcomes import models as outcomes
from knowledge.people import models as people
from knowledge.queries import models as queries

CAPABILITIES = (
    audit,
    categories,
    conversations,
    corrections,
    departments,
    entries,
    evaluation,
    feed,
    feedback,
    filters,
    gaps,
    lexicon,
    notes,
    outcomes,
    people,
    queries,
)
METADATA: MetaData = Base.metadata
