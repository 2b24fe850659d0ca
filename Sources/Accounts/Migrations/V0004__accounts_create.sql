-- V0004: accounts. Owns all of schema accounts. Needs ledger.event (V0002).
CREATE SCHEMA accounts;
CREATE TYPE accounts.account_category AS ENUM (
  'natural_person', 'enterprise_legal_person', 'other_organization');
CREATE TYPE accounts.verification AS ENUM ('verified', 'refused', 'manual', 'pending');
CREATE TYPE accounts.verification_mode AS ENUM ('off', 'shadow', 'enforced');
CREATE TYPE accounts.signature_algorithm AS ENUM ('SM2_WITH_SM3', 'ECDSA_P256_SHA256');
CREATE TYPE accounts.restriction_scope AS ENUM (
  'online_filing', 'all_registration', 'legal_representative');

-- The handling agreement: what was signed once can be read for ever.
CREATE TABLE accounts.agreement (
  agreement_version integer        NOT NULL PRIMARY KEY CHECK (agreement_version > 0),
  agreement_text    text           NOT NULL CHECK (agreement_text <> ''),
  text_sm3          bytea          NOT NULL CHECK (octet_length(text_sm3) = 32),
  effective_time    timestamptz(3) NOT NULL,
  CONSTRAINT one_agreement_takes_effect_at_a_time UNIQUE (effective_time)
);
CREATE TRIGGER agreement_is_never_changed BEFORE UPDATE OR DELETE ON accounts.agreement
  FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
COMMENT ON TABLE accounts.agreement IS
  'Versions of the handling agreement (全程电子化登记办理协议); the one in force is the last that took effect.';
COMMENT ON COLUMN accounts.agreement.text_sm3 IS 'SM3 (GB/T 32905-2016) of the text''s UTF-8 bytes, 32 bytes.';

-- Accounts of the whole province lead with its code, so that one holder is unique in it.
CREATE TABLE accounts.account (
  region_code                 integer                    NOT NULL,
  account_id                  uuid                       NOT NULL,
  category                    accounts.account_category  NOT NULL,
  holder_name                 text                       NOT NULL CHECK (char_length(holder_name) BETWEEN 2 AND 200),
  holder_code                 text                       NOT NULL CHECK (holder_code ~ '^[0-9A-Z]{18}$'),
  mobile_number               text                       CHECK (mobile_number ~ '^1[0-9]{10}$'),
  verification                accounts.verification      NOT NULL,
  verification_mode           accounts.verification_mode NOT NULL,
  verification_code           text                       CHECK (verification_code ~ '^[0-9]{2}$'),
  verify_time                 timestamptz(3),
  legal_representative_name   text,
  legal_representative_number text                       CHECK (legal_representative_number ~ '^[0-9]{17}[0-9X]$'),
  agreement_version           integer                    REFERENCES accounts.agreement (agreement_version),
  agreement_sign_time         timestamptz(3),
  create_time                 timestamptz(3)             NOT NULL,
  version                     bigint                     NOT NULL DEFAULT 1 CHECK (version > 0),
  PRIMARY KEY (region_code, account_id),
  CONSTRAINT accounts_live_at_the_province CHECK (region_code = 210000),
  CONSTRAINT persons_have_a_mobile_number
    CHECK ((category = 'natural_person') = (mobile_number IS NOT NULL)),
  CONSTRAINT only_organizations_have_a_legal_representative
    CHECK (category <> 'natural_person' OR legal_representative_number IS NULL),
  CONSTRAINT a_legal_representative_has_name_and_number
    CHECK ((legal_representative_name IS NULL) = (legal_representative_number IS NULL)),
  CONSTRAINT a_result_has_its_time
    CHECK ((verification_code IS NULL) = (verify_time IS NULL)),
  CONSTRAINT only_an_agreeing_library_verifies_where_it_decides
    CHECK (verification_mode <> 'enforced' OR verification <> 'verified' OR coalesce(verification_code, '') = '00'),
  CONSTRAINT a_signed_agreement_has_its_time
    CHECK ((agreement_version IS NULL) = (agreement_sign_time IS NULL)),
  CONSTRAINT a_change_of_an_account_has_its_event
    FOREIGN KEY (region_code, account_id, version)
    REFERENCES ledger.event (region_code, subject_id, subject_version) DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX one_live_account_a_holder
  ON accounts.account (region_code, holder_code, (category = 'natural_person'))
  WHERE verification <> 'refused';
CREATE TRIGGER account_takes_the_next_version BEFORE INSERT OR UPDATE OR DELETE ON accounts.account
  FOR EACH ROW EXECUTE FUNCTION ledger.require_next_version();
COMMENT ON TABLE accounts.account IS
  'Who may act. An account that the library refused does not keep its holder from another try.';
COMMENT ON COLUMN accounts.account.holder_code IS
  'Resident identity number (GB 11643-1999) of a person, unified social credit code (GB 32100-2015) otherwise.';
COMMENT ON COLUMN accounts.account.verification_code IS
  'Result code of the last comparison, two digits; NULL if none was made.';

CREATE TABLE accounts.signing_key (
  region_code integer                      NOT NULL,
  account_id  uuid                         NOT NULL,
  key_sm3     bytea                        NOT NULL CHECK (octet_length(key_sm3) = 32),
  public_key  bytea                        NOT NULL CHECK (octet_length(public_key) BETWEEN 64 AND 200),
  algorithm   accounts.signature_algorithm NOT NULL,
  create_time timestamptz(3)               NOT NULL,
  revoke_time timestamptz(3),
  PRIMARY KEY (region_code, account_id, key_sm3),
  FOREIGN KEY (region_code, account_id) REFERENCES accounts.account (region_code, account_id)
);
CREATE UNIQUE INDEX one_live_key_an_account
  ON accounts.signing_key (region_code, account_id) WHERE revoke_time IS NULL;
COMMENT ON COLUMN accounts.signing_key.key_sm3 IS 'SM3 of public_key, 32 bytes.';
COMMENT ON COLUMN accounts.signing_key.public_key IS 'DER SubjectPublicKeyInfo.';

CREATE TABLE accounts.agreement_signature (
  region_code               integer                      NOT NULL,
  account_id                uuid                         NOT NULL,
  agreement_version         integer                      NOT NULL REFERENCES accounts.agreement (agreement_version),
  statement                 bytea                        NOT NULL CHECK (octet_length(statement) <= 1024),
  algorithm                 accounts.signature_algorithm NOT NULL,
  distinguishing_identifier text                         NOT NULL,
  signature                 bytea                        NOT NULL CHECK (octet_length(signature) <= 80),
  public_key                bytea                        NOT NULL,
  sign_time                 timestamptz(3)               NOT NULL,
  PRIMARY KEY (region_code, account_id, agreement_version),
  FOREIGN KEY (region_code, account_id) REFERENCES accounts.account (region_code, account_id)
);
CREATE TRIGGER agreement_signature_is_never_changed BEFORE UPDATE OR DELETE ON accounts.agreement_signature
  FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
COMMENT ON COLUMN accounts.agreement_signature.statement IS
  'Serialized AgreementStatement as it was received; the signature covers its name, a zero byte and it.';

-- A challenge is made for any well-formed account name, so that it tells nothing: no foreign key.
CREATE TABLE accounts.login_challenge (
  region_code  integer        NOT NULL,
  challenge_id uuid           NOT NULL,
  account_id   uuid           NOT NULL,
  nonce        bytea          NOT NULL CHECK (octet_length(nonce) = 32),
  expire_time  timestamptz(3) NOT NULL,
  use_time     timestamptz(3),
  PRIMARY KEY (region_code, challenge_id)
);
CREATE INDEX login_challenge_by_expiry ON accounts.login_challenge (expire_time);

-- Found by the token's digest alone: it is the key by which rows may be spread over servers.
CREATE TABLE accounts.session (
  token_sm3   bytea          NOT NULL PRIMARY KEY CHECK (octet_length(token_sm3) = 32),
  region_code integer        NOT NULL,
  account_id  uuid           NOT NULL,
  create_time timestamptz(3) NOT NULL,
  expire_time timestamptz(3) NOT NULL,
  end_time    timestamptz(3),
  CONSTRAINT a_session_lasts_12_hours_at_most
    CHECK (expire_time > create_time AND expire_time <= create_time + interval '12 hours'),
  FOREIGN KEY (region_code, account_id) REFERENCES accounts.account (region_code, account_id)
);
CREATE INDEX session_by_expiry ON accounts.session (expire_time);
COMMENT ON COLUMN accounts.session.token_sm3 IS 'SM3 of the token''s ASCII text; the token itself is not kept.';

CREATE TABLE accounts.restriction (
  region_code     integer                    NOT NULL,
  restriction_id  uuid                       NOT NULL,
  full_name       text                       NOT NULL CHECK (char_length(full_name) BETWEEN 2 AND 200),
  identity_number text                       NOT NULL CHECK (identity_number ~ '^[0-9]{17}[0-9X]$'),
  scope           accounts.restriction_scope NOT NULL,
  ground          text                       NOT NULL CHECK (ground <> ''),
  start_time      timestamptz(3)             NOT NULL,
  end_time        timestamptz(3),
  decided_by      text                       NOT NULL,
  create_time     timestamptz(3)             NOT NULL,
  lift_time       timestamptz(3),
  lifted_by       text,
  lift_ground     text,
  version         bigint                     NOT NULL DEFAULT 1 CHECK (version > 0),
  PRIMARY KEY (region_code, restriction_id),
  CONSTRAINT a_restriction_ends_after_its_start CHECK (end_time > start_time),
  CONSTRAINT a_lifted_restriction_says_by_whom_and_why
    CHECK (num_nulls(lift_time, lifted_by, lift_ground) IN (0, 3)),
  CONSTRAINT a_change_of_a_restriction_has_its_event
    FOREIGN KEY (region_code, restriction_id, version)
    REFERENCES ledger.event (region_code, subject_id, subject_version) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX standing_restriction_by_person ON accounts.restriction (identity_number)
  WHERE lift_time IS NULL;
CREATE INDEX restriction_by_age ON accounts.restriction (restriction_id, region_code);
CREATE TRIGGER restriction_takes_the_next_version BEFORE INSERT OR UPDATE OR DELETE ON accounts.restriction
  FOR EACH ROW EXECUTE FUNCTION ledger.require_next_version();
COMMENT ON TABLE accounts.restriction IS
  'The restriction list (限制名单, 四(四)2). A restriction stands from start_time until end_time, exclusive, unless lifted.';

CREATE TABLE accounts.staff (
  staff_number    text           NOT NULL PRIMARY KEY CHECK (staff_number ~ '^[A-Z0-9]{2,20}$'),
  region_code     integer        NOT NULL,
  full_name       text           NOT NULL,
  identity_number text           NOT NULL CHECK (identity_number ~ '^[0-9]{17}[0-9X]$'),
  roles           text[]         NOT NULL,
  leave_time      timestamptz(3),
  CONSTRAINT staff_have_known_roles
    CHECK (roles <> '{}' AND roles <@ ARRAY['clerk', 'examiner', 'head', 'archivist', 'administrator', 'auditor'])
);
CREATE TABLE accounts.staff_certificate (
  spki_sha256  bytea          NOT NULL PRIMARY KEY CHECK (octet_length(spki_sha256) = 32),
  staff_number text           NOT NULL REFERENCES accounts.staff (staff_number),
  revoke_time  timestamptz(3)
);
COMMENT ON TABLE accounts.staff IS 'Registrars (登记人员); region_code is the authority that they work for.';
COMMENT ON COLUMN accounts.staff_certificate.spki_sha256 IS 'SHA-256 of the DER SubjectPublicKeyInfo, 32 bytes.';

CREATE TABLE accounts.partner (
  partner_id   text           NOT NULL PRIMARY KEY CHECK (partner_id ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
  display_name text           NOT NULL,
  purposes     text[]         NOT NULL,
  fields       text[]         NOT NULL,
  end_time     timestamptz(3)
);
CREATE TABLE accounts.partner_certificate (
  spki_sha256 bytea          NOT NULL PRIMARY KEY CHECK (octet_length(spki_sha256) = 32),
  partner_id  text           NOT NULL REFERENCES accounts.partner (partner_id),
  revoke_time timestamptz(3)
);
COMMENT ON TABLE accounts.partner IS
  'Partner systems with their grants; two certificates may be live at once, so that one can be replaced.';
COMMENT ON COLUMN accounts.partner_certificate.spki_sha256 IS 'SHA-256 of the DER SubjectPublicKeyInfo, 32 bytes.';

CREATE TABLE accounts.authority (
  region_code    integer NOT NULL,
  valid_from     date    NOT NULL,
  valid_to       date,
  authority_name text    NOT NULL,
  short_name     text    NOT NULL,
  credit_code    text    NOT NULL CHECK (credit_code ~ '^11[0-9A-Z]{16}$'),
  PRIMARY KEY (region_code, valid_from),
  CONSTRAINT an_authority_ends_after_its_start CHECK (valid_to > valid_from),
  CONSTRAINT a_credit_code_is_of_one_authority UNIQUE (credit_code),
  CONSTRAINT a_short_name_is_of_one_authority UNIQUE (short_name, valid_from)
);
CREATE UNIQUE INDEX one_present_authority_a_region ON accounts.authority (region_code) WHERE valid_to IS NULL;
COMMENT ON TABLE accounts.authority IS
  'Registration authorities (登记机关) by region (GB/T 2260): from valid_from until valid_to, exclusive.';
COMMENT ON COLUMN accounts.authority.short_name IS 'Stands in the numbers of notices, for instance 沈.';
COMMENT ON COLUMN accounts.authority.credit_code IS
  'Fictional: class 11, the region, a subject id that begins with XA or XB; both check digits are right.';

INSERT INTO accounts.agreement (agreement_version, agreement_text, text_sm3, effective_time) VALUES
(1, '辽宁省工商全程电子化登记办理协议（第一版）

本协议由您（以下称“用户”）与办理登记的登记机关共同遵守。用户以本人或者本单位的密钥对本协议签名，即表示已经通读并同意全部条款。

第一条 适用范围。用户通过辽宁省工商全程电子化登记平台申请市场主体登记，包括名称申报、填写和提交申请、电子签名、接收通知、领取电子营业执照以及查询电子档案的，适用本协议。

第二条 实名。用户应当以真实身份注册，按自然人、企业法人或者其他组织的身份类别提交相应信息，并同意平台将姓名或者名称、证件号码或者统一社会信用代码与公安部人口信息库、国家法人库或者国家企业信用信息公示系统比对。

第三条 密钥。用户自行生成并妥善保管签名密钥，不得交由他人使用。以用户密钥作出的签名视为用户本人的签名；法人或者其他组织的签名由其法定有权签字人作出。发现密钥遗失或者被他人使用的，应当立即告知登记机关。

第四条 电子签名。符合《中华人民共和国电子签名法》要求的电子签名，与手写签名或者盖章具有同等法律效力。签名针对所见文书的全文，文书一经改动，原签名即告失效，须重新签署。

第五条 真实性。用户对所提交材料的真实性、合法性和有效性负责。登记机关对申请材料实行形式审查。

第六条 不得冒用。用户不得冒用他人身份，不得提交虚假材料。有上述行为的，登记机关可以依法撤销登记，并限制有关人员通过网上办理登记。

第七条 留痕。用户注册、提交、签名以及登记机关受理、审查、发照、归档的数据和操作均留存记录，可供追溯和查询。

第八条 送达。登记机关通过平台和用户留存的移动电话号码发送通知。用户应当保证联系方式有效；通知进入平台即为送达。

第九条 电子营业执照与电子档案。电子营业执照与纸质营业执照具有同等法律效力。以电子形式归档的登记材料与纸质档案具有同等效力。

第十条 个人信息。平台仅为办理登记、依法公示、共享和归档使用用户的个人信息，公示和共享时依法隐去证件号码、电话号码等内容。

第十一条 线下办理。用户可以随时改为到登记窗口办理。因系统故障不能网上办理的，登记机关应当提供窗口办理。

第十二条 协议更新。平台可以发布本协议的新版本。新版本生效后，用户须签署新版本方可继续在网上办理登记；此前作出的签名和已经完成的登记不受影响。',
'\x53e2a86b845f7162e770f11d4ad510637b32069b891b7043c18934ef3b1f7f70', '2017-09-21 00:00:00+08');

-- The province, its 14 cities and their 100 county-level units: administrations for industry and
-- commerce until November 2018, administrations for market regulation since.
WITH place (region_code, place_name, short_name, first_code, second_code) AS (VALUES
  (210000, '辽宁省', '辽', '11210000XA2100001D', '11210000XB2100005U'),
  (210100, '沈阳市', '沈', '11210100XA21010043', '11210100XB2101008H'),
  (210102, '沈阳市和平区', '沈和平', '11210102XA2101020M', '11210102XB21010244'),
  (210103, '沈阳市沈河区', '沈沈河', '11210103XA21010391', '11210103XB2101032D'),
  (210104, '沈阳市大东区', '沈大东', '11210104XA2101047A', '11210104XB2101040N'),
  (210105, '沈阳市皇姑区', '沈皇姑', '11210105XA2101055K', '11210105XB21010592'),
  (210106, '沈阳市铁西区', '沈铁西', '11210106XA2101063W', '11210106XB2101067B'),
  (210111, '沈阳市苏家屯区', '沈苏家屯', '11210111XA21011197', '11210111XB2101112K'),
  (210112, '沈阳市浑南区', '沈浑南', '11210112XA2101127G', '11210112XB2101120W'),
  (210113, '沈阳市沈北新区', '沈沈北新', '11210113XA2101135R', '11210113XB21011398'),
  (210114, '沈阳市于洪区', '沈于洪', '11210114XA21011433', '11210114XB2101147H'),
  (210115, '沈阳市辽中区', '沈辽中', '11210115XA2101151C', '11210115XB2101155T'),
  (210123, '康平县', '沈康平', '11210123XA2101231J', '11210123XB21012351'),
  (210124, '法库县', '沈法库', '11210124XA210124XQ', '11210124XB2101243A'),
  (210181, '新民市', '沈新民', '11210181XA2101813Q', '11210181XB21018177'),
  (210200, '大连市', '大', '11210200XA2102007Q', '11210200XB21020005'),
  (210202, '大连市中山区', '大中山', '11210202XA2102023B', '11210202XB2102027R'),
  (210203, '大连市西岗区', '大西岗', '11210203XA2102031L', '11210203XB21020353'),
  (210204, '大连市沙河口区', '大沙河口', '11210204XA210204XT', '11210204XB2102043C'),
  (210211, '大连市甘井子区', '大甘井子', '11210211XA2102111T', '11210211XB21021159'),
  (210212, '大连市旅顺口区', '大旅顺口', '11210212XA210212X1', '11210212XB2102123J'),
  (210213, '大连市金州区', '大金州', '11210213XA2102138F', '11210213XB2102131U'),
  (210214, '大连市普兰店区', '大普兰店', '11210214XA2102146Q', '11210214XB210214X2'),
  (210224, '长海县', '大长海', '11210224XA2102242H', '11210224XB21022460'),
  (210281, '瓦房店市', '大瓦房店', '11210281XA2102816E', '11210281XB210281XP'),
  (210283, '庄河市', '大庄河', '11210283XA21028321', '11210283XB2102836F'),
  (210300, '鞍山市', '鞍', '11210300XA210300X9', '11210300XB2103003T'),
  (210302, '鞍山市铁东区', '鞍铁东', '11210302XA21030261', '11210302XB210302XA'),
  (210303, '鞍山市铁西区', '鞍铁西', '11210303XA2103034A', '11210303XB2103038Q'),
  (210304, '鞍山市立山区', '鞍立山', '11210304XA2103042K', '11210304XB21030462'),
  (210311, '鞍山市千山区', '鞍千山', '11210311XA2103114G', '11210311XB2103118Y'),
  (210321, '台安县', '鞍台安', '11210321XA21032109', '11210321XB2103214P'),
  (210323, '岫岩满族自治县', '鞍岫岩', '11210323XA2103237X', '11210323XB2103230A'),
  (210381, '海城市', '鞍海城', '11210381XA21038194', '11210381XB2103812G'),
  (210400, '抚顺市', '抚', '11210400XA21040022', '11210400XB2104006G'),
  (210402, '抚顺市新抚区', '抚新抚', '11210402XA2104029N', '11210402XB21040223'),
  (210403, '抚顺市东洲区', '抚东洲', '11210403XA21040370', '11210403XB2104030C'),
  (210404, '抚顺市望花区', '抚望花', '11210404XA21040459', '11210404XB2104049P'),
  (210411, '抚顺市顺城区', '抚顺城', '11210411XA21041176', '11210411XB2104110J'),
  (210421, '抚顺县', '抚抚顺', '11210421XA2104213Y', '11210421XB2104217D'),
  (210422, '新宾满族自治县', '抚新宾', '11210422XA21042218', '11210422XB2104225N'),
  (210423, '清原满族自治县', '抚清原', '11210423XA210423XE', '11210423XB21042330'),
  (210500, '本溪市', '本', '11210500XA2105005P', '11210500XB21050096'),
  (210502, '本溪市平山区', '本平山', '11210502XA2105021A', '11210502XB2105025Q'),
  (210503, '本溪市溪湖区', '本溪湖', '11210503XA210503XG', '11210503XB21050332'),
  (210504, '本溪市明山区', '本明山', '11210504XA2105048Y', '11210504XB2105041B'),
  (210505, '本溪市南芬区', '本南芬', '11210505XA21050568', '11210505XB210505XH'),
  (210521, '本溪满族自治县', '本本溪', '11210521XA2105216L', '11210521XB210521XX'),
  (210522, '桓仁满族自治县', '本桓仁', '11210522XA2105224X', '11210522XB2105228C'),
  (210600, '丹东市', '丹', '11210600XA2106008D', '11210600XB2106001R'),
  (210602, '丹东市元宝区', '丹元宝', '11210602XA21060240', '11210602XB2106028E'),
  (210603, '丹东市振兴区', '丹振兴', '11210603XA21060329', '11210603XB2106036P'),
  (210604, '丹东市振安区', '丹振安', '11210604XA2106040J', '11210604XB21060441'),
  (210624, '宽甸满族自治县', '丹宽甸', '11210624XA21062436', '11210624XB2106247L'),
  (210681, '东港市', '丹东港', '11210681XA21068173', '11210681XB2106810F'),
  (210682, '凤城市', '丹凤城', '11210682XA2106825C', '11210682XB2106829T'),
  (210700, '锦州市', '锦', '11210700XA21070001', '11210700XB2107004F'),
  (210702, '锦州市古塔区', '锦古塔', '11210702XA2107027M', '11210702XB21070202'),
  (210703, '锦州市凌河区', '锦凌河', '11210703XA2107035Y', '11210703XB2107039D'),
  (210711, '锦州市太和区', '锦太和', '11210711XA21071155', '11210711XB2107119K'),
  (210726, '黑山县', '锦黑山', '11210726XA2107262E', '11210726XB2107266W'),
  (210727, '义县', '锦义', '11210727XA2107270P', '11210727XB21072746'),
  (210781, '凌海市', '锦凌海', '11210781XA210781XK', '11210781XB21078135'),
  (210782, '北镇市', '锦北镇', '11210782XA21078282', '11210782XB2107821E'),
  (210800, '营口市', '营', '11210800XA2108003N', '11210800XB21080075'),
  (210802, '营口市站前区', '营站前', '11210802XA210802X6', '11210802XB2108023P'),
  (210803, '营口市西市区', '营西市', '11210803XA2108038L', '11210803XB21080311'),
  (210804, '营口市鲅鱼圈区', '营鲅鱼圈', '11210804XA2108046X', '11210804XB210804X7'),
  (210811, '营口市老边区', '营老边', '11210811XA2108118T', '11210811XB21081117'),
  (210881, '盖州市', '营盖州', '11210881XA2108812C', '11210881XB2108816T'),
  (210882, '大石桥市', '营大石桥', '11210882XA2108820M', '11210882XB21088244'),
  (210900, '阜新市', '阜', '11210900XA2109006C', '11210900XB210900XM'),
  (210902, '阜新市海州区', '阜海州', '11210902XA2109022Y', '11210902XB2109026D'),
  (210903, '阜新市新邱区', '阜新邱', '11210903XA21090308', '11210903XB2109034N'),
  (210904, '阜新市太平区', '阜太平', '11210904XA2109049K', '11210904XB21090420'),
  (210905, '阜新市清河门区', '阜清河门', '11210905XA2109057W', '11210905XB21090509'),
  (210911, '阜新市细河区', '阜细河', '11210911XA2109110E', '11210911XB2109114W'),
  (210921, '阜新蒙古族自治县', '阜阜新', '11210921XA21092179', '11210921XB2109210M'),
  (210922, '彰武县', '阜彰武', '11210922XA2109225J', '11210922XB21092291'),
  (211000, '辽阳市', '辽阳', '11211000XA21100074', '11211000XB2110000G'),
  (211002, '辽阳市白塔区', '辽阳白塔', '11211002XA2110023N', '11211002XB21100275'),
  (211003, '辽阳市文圣区', '辽阳文圣', '11211003XA21100310', '11211003XB2110035E'),
  (211004, '辽阳市宏伟区', '辽阳宏伟', '11211004XA211004X6', '11211004XB2110043P'),
  (211005, '辽阳市弓长岭区', '辽阳弓长岭', '11211005XA2110058L', '11211005XB21100511'),
  (211011, '辽阳市太子河区', '辽阳太子河', '11211011XA21101116', '11211011XB2110115L'),
  (211021, '辽阳县', '辽阳辽阳', '11211021XA21102181', '11211021XB2110211D'),
  (211081, '灯塔市', '辽阳灯塔', '11211081XA2110816R', '11211081XB211081X3'),
  (211100, '盘锦市', '盘', '11211100XA211100XL', '11211100XB21110036'),
  (211102, '盘锦市双台子区', '盘双台子', '11211102XA2111026C', '11211102XB211102XM'),
  (211103, '盘锦市兴隆台区', '盘兴隆台', '11211103XA2111034M', '11211103XB21110384'),
  (211104, '盘锦市大洼区', '盘大洼', '11211104XA2111042Y', '11211104XB2111046D'),
  (211122, '盘山县', '盘盘山', '11211122XA21112290', '11211122XB2111222C'),
  (211200, '铁岭市', '铁', '11211200XA2112002D', '11211200XB2112006U'),
  (211202, '铁岭市银州区', '铁银州', '11211202XA21120292', '11211202XB2112022E'),
  (211204, '铁岭市清河区', '铁清河', '11211204XA2112045L', '11211204XB21120493'),
  (211221, '铁岭县', '铁铁岭', '11211221XA2112213A', '11211221XB2112217Q'),
  (211223, '西丰县', '铁西丰', '11211223XA211223XR', '11211223XB2112233B'),
  (211224, '昌图县', '铁昌图', '11211224XA21122488', '11211224XB2112241L'),
  (211281, '调兵山市', '铁调兵山', '11211281XA21128113', '11211281XB2112815H'),
  (211282, '开原市', '铁开原', '11211282XA211282X9', '11211282XB2112823T'),
  (211300, '朝阳市', '朝', '11211300XA21130053', '11211300XB2113009H'),
  (211302, '朝阳市双塔区', '朝双塔', '11211302XA2113021M', '11211302XB21130254'),
  (211303, '朝阳市龙城区', '朝龙城', '11211303XA211303XU', '11211303XB2113033D'),
  (211321, '朝阳县', '朝朝阳', '11211321XA21132160', '11211321XB211321X9'),
  (211322, '建平县', '朝建平', '11211322XA21132249', '11211322XB2113228P'),
  (211324, '喀喇沁左翼蒙古族自治县', '朝喀左', '11211324XA2113240U', '11211324XB2113244A'),
  (211381, '北票市', '朝北票', '11211381XA2113814Q', '11211381XB21138187'),
  (211382, '凌源市', '朝凌源', '11211382XA21138222', '11211382XB2113826G'),
  (211400, '葫芦岛市', '葫', '11211400XA2114008Q', '11211400XB21140015'),
  (211402, '葫芦岛市连山区', '葫连山', '11211402XA2114024B', '11211402XB2114028R'),
  (211403, '葫芦岛市龙港区', '葫龙港', '11211403XA2114032L', '11211403XB21140363'),
  (211404, '葫芦岛市南票区', '葫南票', '11211404XA2114040X', '11211404XB2114044C'),
  (211421, '绥中县', '葫绥中', '11211421XA2114219M', '11211421XB21142122'),
  (211422, '建昌县', '葫建昌', '11211422XA2114227Y', '11211422XB2114220B'),
  (211481, '兴城市', '葫兴城', '11211481XA2114817E', '11211481XB2114810T')
)
INSERT INTO accounts.authority (region_code, valid_from, valid_to, authority_name, short_name, credit_code)
SELECT region_code, DATE '2017-01-01', DATE '2018-11-01', place_name || '工商行政管理局', short_name, first_code
FROM place
UNION ALL
SELECT region_code, DATE '2018-11-01', NULL, place_name || '市场监督管理局', short_name, second_code
FROM place;
